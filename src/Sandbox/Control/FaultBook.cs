using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Control;

/// <summary>What a fault does to the call it meets.</summary>
internal enum FaultAction
{
    /// <summary>Answers with a status and applies nothing.</summary>
    Fail,

    /// <summary>Holds the call back before it is applied.</summary>
    Delay,

    /// <summary>Applies the call durably and closes the connection without an answer.</summary>
    DropAfter,

    /// <summary>Closes the connection without applying anything.</summary>
    DropBefore,
}

/// <summary>A fault that met a call.</summary>
internal sealed record Fault(FaultAction Action, int Status, string? Body, IReadOnlyDictionary<string, string> Headers, TimeSpan Delay);

/// <summary>
/// Faults by system, method and route, kept like everything else, so that they outlive a crash. Each counts its own matches:
/// it passes over the first <c>skip</c> and works on the next <c>times</c>.
/// </summary>
internal static class FaultBook
{
    private const string Kind = "fault";

    private static readonly Dictionary<string, FaultAction> s_actions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fail"] = FaultAction.Fail,
        ["delay"] = FaultAction.Delay,
        ["drop"] = FaultAction.DropAfter,
        ["dropBefore"] = FaultAction.DropBefore,
    };

    /// <summary>Checks and keeps a fault; the answer is its record or what is wrong with it.</summary>
    public static Reply Add(DocumentStore store, JsonObject body)
    {
        var action = body.Text("action") ?? (body["status"] is null ? "" : "fail");
        if (!s_actions.ContainsKey(action))
        {
            return Bad("action", $"one of {string.Join(", ", s_actions.Keys)}");
        }

        if (s_actions[action] is FaultAction.Fail && body.Number("status") is not (>= 200 and <= 599))
        {
            return Bad("status", "200 to 599");
        }

        if (s_actions[action] is FaultAction.Delay && body.Number("delayMilliseconds") is not > 0)
        {
            return Bad("delayMilliseconds", "a positive number");
        }

        if (body["times"] is not null && body.Number("times") is not > 0)
        {
            return Bad("times", "a positive number");
        }

        var id = store.Next("fault");
        var fault = new JsonObject
        {
            ["id"] = id,
            ["system"] = body.Text("system") ?? "*",
            ["method"] = body.Text("method")?.ToUpperInvariant() ?? "*",
            ["route"] = body.Text("route") ?? "/{**path}",
            ["action"] = action,
            ["status"] = body.Number("status"),
            ["body"] = body["body"].Copy(),
            ["headers"] = body["headers"].Copy(),
            ["delayMilliseconds"] = body.Number("delayMilliseconds"),
            ["skip"] = body.Number("skip") ?? 0,
            ["times"] = body.Number("times") ?? 1,
            ["seen"] = 0,
            ["used"] = 0,
        };
        store.Put(DocumentStore.Own, Kind, $"{id:D9}", fault);
        return Reply.Json(201, fault);
    }

    public static JsonArray All(DocumentStore store) => [.. store.List(DocumentStore.Own, Kind).Select(f => (JsonNode)f.Body)];

    /// <summary>Removes one fault, or all.</summary>
    public static bool Remove(DocumentStore store, string? id)
    {
        var keys = store.List(DocumentStore.Own, Kind).Where(f => id is null || f.Body.Number("id")?.ToString(null, null) == id).ToList();
        keys.ForEach(f => store.Delete(DocumentStore.Own, Kind, f.Key));
        return id is null || keys.Count > 0;
    }

    /// <summary>The first fault that this call runs into, counted.</summary>
    public static Fault? Meet(DocumentStore store, SandboxSystem system, string method, string path)
    {
        Fault? met = null;
        var segments = Route.Segments(path);
        foreach (var (key, fault) in store.List(DocumentStore.Own, Kind))
        {
            if (met is not null || fault.Text("system") is not ("*" or null) and var name && name != system.Name
                || fault.Text("method") is not ("*" or null) and var verb && verb != method
                || new Route("*", fault.Text("route")!, _ => Reply.Empty(0)).Match(segments, ignoreCase: true) is null
                || fault.Number("used") >= fault.Number("times"))
            {
                continue;
            }

            var seen = fault.Number("seen")!.Value + 1;
            fault["seen"] = seen;
            if (seen > fault.Number("skip"))
            {
                fault["used"] = fault.Number("used") + 1;
                met = Read(fault);
            }

            store.Put(DocumentStore.Own, Kind, key, fault);
        }

        return met;
    }

    private static Fault Read(JsonObject fault) => new(
        s_actions[fault.Text("action")!],
        (int)(fault.Number("status") ?? 0),
        fault["body"] is JsonValue text && text.TryGetValue<string>(out var raw) ? raw : fault["body"]?.ToJsonString(Json.Compact),
        fault.Object("headers")?.ToDictionary(h => h.Key, h => h.Value!.ToString(), StringComparer.OrdinalIgnoreCase) ?? [],
        TimeSpan.FromMilliseconds(fault.Number("delayMilliseconds") ?? 0));

    private static Reply Bad(string field, string rule) =>
        Reply.Json(400, new JsonObject { ["field"] = field, ["rule"] = rule, ["message"] = $"{field} must be {rule}" });
}
