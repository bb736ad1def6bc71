using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Server-side apply, and who owns which field after any other write (<c>metadata.managedFields</c>).</summary>
internal static class FieldManagement
{
    private const int MaxManagerLength = 128;

    private sealed record Entry(string Manager, string Operation, string ApiVersion, string? Time, HashSet<string> Leaves);

    /// <summary>Name of the writer: the query's, else the first word of the user agent.</summary>
    public static string Manager(Call call)
    {
        var name = call.Parameter("fieldManager") ?? (call.Header("User-Agent") ?? "unknown").Split('/', 2)[0];
        return name.Length is 0 or > MaxManagerLength ? throw KubernetesErrors.BadRequest($"fieldManager: must be 1 to {MaxManagerLength} characters") : name;
    }

    /// <summary>
    /// What applying makes of the live object (null: there is none). Fields that this manager applied before and now leaves out
    /// are removed, unless others own them too.
    /// </summary>
    /// <exception cref="Refusal">Another manager owns a field with another value and <paramref name="force"/> is off.</exception>
    public static JsonObject Apply(Call call, JsonObject? live, JsonObject applied, string manager, bool force)
    {
        var entries = Read(live);
        var wanted = FieldSet.Leaves(applied);
        var actual = live is null ? [] : FieldSet.Leaves(live);
        var mine = entries.Find(e => e.Manager == manager && e.Operation == "Apply");
        var others = entries.Where(e => e != mine).ToList();
        var conflicts = (from entry in others
                         from leaf in wanted
                         where entry.Leaves.Contains(leaf.Key) && actual.TryGetValue(leaf.Key, out var value) && !JsonNode.DeepEquals(value, leaf.Value)
                         select (entry, leaf.Key)).ToList();
        if (conflicts.Count > 0 && !force)
        {
            throw Conflict([.. conflicts.Select(c => (c.entry.Manager, c.entry.ApiVersion, FieldSet.Readable(c.Key)))]);
        }

        foreach (var (entry, leaf) in conflicts)
        {
            entry.Leaves.Remove(leaf);
        }

        var merged = live is null ? applied.Copy() : FieldSet.Merge(live, applied);
        foreach (var gone in (mine?.Leaves ?? []).Where(leaf => !wanted.ContainsKey(leaf) && !others.Exists(e => e.Leaves.Contains(leaf))))
        {
            FieldSet.Remove(merged, gone);
        }

        var leaves = wanted.Keys.ToHashSet(StringComparer.Ordinal);
        var time = mine is not null && mine.Leaves.SetEquals(leaves) && conflicts.Count == 0 && Same(live, merged) ? mine.Time : call.Now.Seconds();
        Write(merged, [.. others, new Entry(manager, "Apply", applied.Text("apiVersion")!, time, leaves)]);
        return merged;
    }

    /// <summary>Gives the fields that a create, replace or patch changed to who made it.</summary>
    public static void Update(DateTimeOffset now, JsonObject? before, JsonObject after, string manager)
    {
        var entries = Read(before);
        var old = before is null ? [] : FieldSet.Leaves(before);
        var leaves = FieldSet.Leaves(after);
        var changed = leaves.Where(l => !old.TryGetValue(l.Key, out var value) || !JsonNode.DeepEquals(value, l.Value))
            .Select(l => l.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            entry.Leaves.RemoveWhere(leaf => changed.Contains(leaf) || !leaves.ContainsKey(leaf));
        }

        if (changed.Count > 0)
        {
            var mine = entries.Find(e => e.Manager == manager && e.Operation == "Update");
            entries.RemoveAll(e => e == mine);
            changed.UnionWith(mine?.Leaves ?? []);
            entries.Add(new Entry(manager, "Update", after.Text("apiVersion")!, now.Seconds(), changed));
        }

        Write(after, entries);
    }

    private static bool Same(JsonObject? live, JsonObject merged)
    {
        if (live is null)
        {
            return false;
        }

        var (a, b) = (live.Copy(), merged.Copy());
        a.Object("metadata")?.Remove("managedFields");
        b.Object("metadata")?.Remove("managedFields");
        return JsonNode.DeepEquals(a, b);
    }

    private static Refusal Conflict(IReadOnlyList<(string Manager, string Version, string Field)> conflicts)
    {
        var message = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with \"{conflicts[0].Manager}\" using {conflicts[0].Version}: {conflicts[0].Field}"
            : $"Apply failed with {conflicts.Count} conflicts: " + string.Join('\n', conflicts.GroupBy(c => (c.Manager, c.Version)).Select(g =>
                $"conflicts with \"{g.Key.Manager}\" using {g.Key.Version}:\n" + string.Join('\n', g.Select(c => "- " + c.Field))));
        return KubernetesErrors.Refuse(409, "Conflict", message, new JsonObject
        {
            ["causes"] = KubernetesErrors.Causes(conflicts.Select(c =>
                new Cause("FieldManagerConflict", $"conflict with \"{c.Manager}\" using {c.Version}", c.Field))),
        });
    }

    private static List<Entry> Read(JsonObject? item) =>
    [
        .. (item.Array("metadata", "managedFields") ?? []).Select(e => new Entry(
            e.Text("manager")!, e.Text("operation")!, e.Text("apiVersion")!, e.Text("time"), FieldSet.FromFieldsV1(e.Object("fieldsV1")))),
    ];

    private static void Write(JsonObject item, IEnumerable<Entry> entries) =>
        item.Ensure("metadata")["managedFields"] = Json.ToArray(entries.Where(e => e.Leaves.Count > 0)
            .OrderBy(e => e.Manager, StringComparer.Ordinal).ThenBy(e => e.Operation, StringComparer.Ordinal)
            .Select(e => (JsonNode)new JsonObject
            {
                ["manager"] = e.Manager,
                ["operation"] = e.Operation,
                ["apiVersion"] = e.ApiVersion,
                ["time"] = e.Time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = FieldSet.ToFieldsV1(e.Leaves.Order(StringComparer.Ordinal)),
            }));
}
