using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Onramp.Activities.Tests;

/// <summary>A call by which a step changes something, as the ledger shows it.</summary>
internal sealed partial record Mutation(string Step, string System, string Method, string Route)
{
    /// <summary>Null for calls of others, and for those that were refused.</summary>
    public static Mutation? Read(JsonNode entry) =>
        entry["keys"]!["x-correlation-id"]?.ToString().Split('/') is [_, var step] && entry["applied"]!.GetValue<bool>()
            ? new Mutation(step, entry["system"]!.ToString(), entry["method"]!.ToString(), Generalized(entry["path"]!.ToString()))
            : null;

    public JsonObject Fault(string action, int? status = null)
    {
        var fault = new JsonObject { ["system"] = System, ["method"] = Method, ["route"] = Route, ["action"] = action };
        if (status is { } code)
            fault["status"] = code;
        return fault;
    }

    /// <summary>The fault of a refusal for good, with the type that it becomes. Azure's plain 403 may be a right granted a moment ago, and is waited for.</summary>
    public (JsonObject Fault, string Type) Refusal()
    {
        var fault = Fault("fail", 403);
        if (System != "azure")
            return (fault, Workflows.Contracts.ErrorTypes.PermissionDenied);
        fault["body"] = new JsonObject { ["error"] = new JsonObject { ["code"] = "RequestDisallowedByPolicy", ["message"] = "disallowed by policy" } };
        return (fault, Workflows.Contracts.ErrorTypes.PolicyDenied);
    }

    /// <summary>Names of role assignments, of locations and of dashboards' rules hang on ids that differ from run to run.</summary>
    private static string Generalized(string path) =>
        Location().Replace(AssignmentName().Replace(path.Split('?')[0], "/roleAssignments/{name}"), "/api/catalog/locations/{id}");

    [GeneratedRegex("/roleAssignments/[0-9a-fA-F-]{36}")]
    private static partial Regex AssignmentName();

    [GeneratedRegex("/api/catalog/locations/[0-9a-fA-F-]{36}")]
    private static partial Regex Location();
}
