using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>One reason why a request was refused, by field.</summary>
internal sealed record Cause(string Reason, string Message, string? Field = null);

/// <summary><c>metav1.Status</c> of failures.</summary>
internal static class KubernetesErrors
{
    public static Reply Status(int code, string reason, string message, JsonObject? details = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
        };
        if (details is not null)
        {
            status["details"] = details;
        }

        status["code"] = code;
        return Reply.Json(code, status, "application/json");
    }

    public static Refusal NotFound(ResourceType type, string name) =>
        Refuse(404, "NotFound", $"{type.Qualified} \"{name}\" not found", Details(type, name));

    public static Refusal BadRequest(string message) => Refuse(400, "BadRequest", message);

    public static Refusal AlreadyExists(ResourceType type, string name, bool beingDeleted) => Refuse(
        409,
        "AlreadyExists",
        (beingDeleted ? "object is being deleted: " : "") + $"{type.Qualified} \"{name}\" already exists",
        Details(type, name));

    public static Refusal Stale(ResourceType type, string name) => Refuse(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {type.Qualified} \"{name}\": the object has been modified; please apply your changes to the latest version and try again",
        Details(type, name));

    public static Refusal Forbidden(ResourceType type, string name, string why, params Cause[] causes) =>
        Refuse(403, "Forbidden", $"{type.Qualified} \"{name}\" is forbidden: {why}", Details(type, name, causes));

    public static Refusal Invalid(ResourceType type, string name, IReadOnlyList<Cause> causes)
    {
        var texts = causes.Select(c => $"{c.Field}: {c.Message}").ToList();
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var details = Details(type, name, [.. causes]);
        details["kind"] = type.Kind;
        return Refuse(422, "Invalid", $"{type.Kind}{(type.Group.Length == 0 ? "" : "." + type.Group)} \"{name}\" is invalid: {all}", details);
    }

    public static Refusal Refuse(int code, string reason, string message, JsonObject? details = null) => new(Status(code, reason, message, details));

    public static JsonObject Details(ResourceType type, string name, params Cause[] causes)
    {
        var details = new JsonObject { ["name"] = name };
        if (type.Group.Length > 0)
        {
            details["group"] = type.Group;
        }

        details["kind"] = type.Plural;
        if (causes.Length > 0)
        {
            details["causes"] = Causes(causes);
        }

        return details;
    }

    public static JsonArray Causes(IEnumerable<Cause> causes) => Json.ToArray(causes.Select(c =>
    {
        var cause = new JsonObject { ["reason"] = c.Reason, ["message"] = c.Message };
        if (c.Field is not null)
        {
            cause["field"] = c.Field;
        }

        return (JsonNode)cause;
    }));
}
