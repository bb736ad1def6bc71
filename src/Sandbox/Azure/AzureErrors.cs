using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>Error bodies of Azure Resource Manager and Key Vault.</summary>
internal static class AzureErrors
{
    public static Reply Reply(int status, string code, string message) =>
        Http.Reply.Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    public static Refusal Refuse(int status, string code, string message) => new(Reply(status, code, message));

    public static Refusal ResourceNotFound(string type, string name, string group) => Refuse(
        404,
        "ResourceNotFound",
        $"The Resource '{type}/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");

    public static Refusal GroupNotFound(string group) => Refuse(404, "ResourceGroupNotFound", $"Resource group '{group}' could not be found.");

    public static JsonObject Object(this Call call) =>
        call.TryReadObject() ?? throw Refuse(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.");
}
