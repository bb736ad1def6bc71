using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Control;

/// <summary>Every call that could change something, in the order in which they were decided, committed with what they changed.</summary>
internal static class Ledger
{
    private const string Kind = "ledger";

    /// <summary>Headers by which callers name their call.</summary>
    private static readonly string[] s_keys =
        ["Idempotency-Key", "X-Correlation-Id", "X-Request-Id", "x-ms-client-request-id", "X-Onramp-Step", "traceparent"];

    public static void Add(DocumentStore store, SandboxSystem system, Call call, int status, string outcome, IReadOnlyList<Change> changes)
    {
        var sequence = store.Next("ledger");
        var keys = new JsonObject();
        foreach (var name in s_keys)
        {
            if (call.Header(name) is { } value)
            {
                keys[name.ToLowerInvariant()] = value;
            }
        }

        store.Put(DocumentStore.Own, Kind, $"{sequence:D12}", new JsonObject
        {
            ["sequence"] = sequence,
            ["time"] = call.Now.Fractions(),
            ["system"] = system.Name,
            ["method"] = call.Method,
            ["path"] = system.LedgerPath(call.RawPath),
            ["status"] = status,
            ["outcome"] = outcome,
            ["applied"] = changes.Count > 0,
            ["caller"] = call.Caller,
            ["keys"] = keys,
            ["changes"] = new JsonArray(
                [.. changes.Select(c => (JsonNode)new JsonObject { ["system"] = c.System, ["kind"] = c.Kind, ["key"] = c.Key, ["change"] = c.Verb })]),
        });
    }

    public static JsonArray All(DocumentStore store, long after) =>
        [.. store.List(DocumentStore.Own, Kind).Where(e => e.Body.Number("sequence") > after).Select(e => (JsonNode)e.Body)];
}
