using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Control;

/// <summary>What tests and people ask the sandbox itself, on every port under <c>/_sandbox</c>.</summary>
internal sealed class ControlRoutes(DocumentStore store, IReadOnlyList<SandboxSystem> systems, string? token, Action reset)
{
    public const string Prefix = "/_sandbox/";

    public Reply Answer(Call call)
    {
        if (token is not null && call.Credential("Bearer") != token)
        {
            return Reply.Json(401, new JsonObject { ["message"] = "a control token is required" }).With("WWW-Authenticate", "Bearer");
        }

        var path = Route.Segments(call.RawPath);
        return (call.Method, path) switch
        {
            ("GET", ["_sandbox", "state"]) => Indented(State(call.Parameter("system"))),
            ("GET", ["_sandbox", "ledger"]) => Indented(Ledger.All(store, long.TryParse(call.Parameter("after"), out var after) ? after : 0)),
            ("GET", ["_sandbox", "faults"]) => Indented(FaultBook.All(store)),
            ("POST", ["_sandbox", "faults"]) => call.TryReadObject() is { } body
                ? FaultBook.Add(store, body)
                : Reply.Json(400, new JsonObject { ["message"] = "the body must be a JSON object" }),
            ("DELETE", ["_sandbox", "faults"]) => Removed(FaultBook.Remove(store, null)),
            ("DELETE", ["_sandbox", "faults", var id]) => Removed(FaultBook.Remove(store, id)),
            ("POST", ["_sandbox", "reset"]) => Reset(),
            ("GET", ["_sandbox", var name, var what]) when systems.FirstOrDefault(s => s.Name == name)?.Ask(call.Documents.As(name), call, what) is { } answer => answer,
            _ => Reply.Json(404, new JsonObject { ["message"] = $"no {call.Method} {call.RawPath} here" }),
        };
    }

    private static Reply Indented(JsonNode body) => Reply.Text(200, body.ToJsonString(Json.Indented) + "\n", "application/json; charset=utf-8");

    private static Reply Removed(bool found) => Reply.Empty(found ? 204 : 404);

    private Reply Reset()
    {
        reset();
        return Reply.Empty(204);
    }

    /// <summary>
    /// Everything that exists, by system, kind and key, and apart from it what is deleted but could be brought back. The same
    /// state always reads the same; what only tells of work done (operations, tokens) is left out.
    /// </summary>
    private JsonObject State(string? only)
    {
        var exists = new JsonObject();
        var softDeleted = new JsonObject();
        var byName = systems.ToDictionary(s => s.Name, StringComparer.Ordinal);
        foreach (var (name, kind, key, body) in store.All())
        {
            var system = byName[name];
            if ((only is null || only == name) && !system.IsTransient(kind))
            {
                (system.IsSoftDeleted(kind) ? softDeleted : exists).Ensure(name).Ensure(kind)[key] = body;
            }
        }

        return new JsonObject { ["exists"] = exists, ["softDeleted"] = softDeleted };
    }
}
