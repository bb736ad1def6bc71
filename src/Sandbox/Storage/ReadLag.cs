using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Storage;

/// <summary>
/// Reads that lag behind writes: for a while after the first of some changes of a document, reading calls still see what was there before it.
/// Writing calls, and the systems among themselves, see what is.
/// </summary>
/// <param name="Duration">How long.</param>
/// <param name="Kinds">Which kinds of documents.</param>
internal sealed record ReadLag(TimeSpan Duration, Func<string, bool> Kinds)
{
    private const string Kind = "earlier";

    /// <summary>Keeps what a document is before it changes, unless an earlier version of it still is what readers see.</summary>
    public void Keep(DocumentStore store, string system, string kind, string key, DateTimeOffset now)
    {
        if (Kinds(kind) && Earlier(store, system, kind, key, now) is null)
        {
            store.Put(DocumentStore.Own, Kind, Path(system, kind, key), new JsonObject
            {
                ["until"] = (now + Duration).UtcTicks, ["key"] = key, ["body"] = store.Get(system, kind, key),
            });
        }
    }

    /// <summary>What readers still see instead of the document; no body: nothing. Null when they see it as it is.</summary>
    public (JsonObject? Body, string Key)? Earlier(DocumentStore store, string system, string kind, string key, DateTimeOffset now) =>
        Kinds(kind) ? Seen(store.Get(DocumentStore.Own, Kind, Path(system, kind, key)), now) : null;

    /// <summary>A list as readers still see it.</summary>
    public List<(string Key, JsonObject Body)> Overlay(
        DocumentStore store, string system, string kind, string prefix, DateTimeOffset now, List<(string Key, JsonObject Body)> items)
    {
        if (!Kinds(kind))
        {
            return items;
        }

        var seen = new SortedDictionary<string, JsonObject>(items.ToDictionary(i => i.Key, i => i.Body), StringComparer.Ordinal);
        foreach (var (_, entry) in store.List(DocumentStore.Own, Kind, Path(system, kind, prefix)))
        {
            if (Seen(entry, now) is not { } earlier)
            {
                continue;
            }

            seen.Remove(earlier.Key);
            if (earlier.Body is { } body)
            {
                seen[earlier.Key] = body;
            }
        }

        return [.. seen.Select(s => (s.Key, s.Value))];
    }

    private static string Path(string system, string kind, string key) => $"{system}/{kind}/{key}";

    private static (JsonObject? Body, string Key)? Seen(JsonObject? entry, DateTimeOffset now) =>
        entry is not null && entry.Number("until") > now.UtcTicks ? ((JsonObject?)entry["body"].Copy(), entry.Text("key")!) : null;
}
