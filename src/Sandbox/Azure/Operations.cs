using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Long-running operations and the three ways in which a caller may follow one.</summary>
internal sealed class Operations(SandboxOptions options)
{
    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/subscriptions/{sub}/providers/{provider}/locations/{location}/operationStatuses/{operation}", Status),
        new("GET", "/subscriptions/{sub}/operationresults/{operation}", Result),
    ];

    /// <summary>How an operation is followed: as the options say, or else as this resource type does it.</summary>
    public AzureOperationStyle Style(AzureOperationStyle native) =>
        options.AzureOperations is AzureOperationStyle.Native ? native : options.AzureOperations;

    /// <summary>Adds to an answer how to follow what it began; nothing for resources that tell by their own state.</summary>
    public Reply Follow(Call call, Reply reply, AzureOperationStyle style, string subscription, string target)
    {
        if (style is AzureOperationStyle.ProvisioningState)
        {
            return reply;
        }

        var id = call.Documents.NextGuid().ToString();
        call.Documents.Put("operation", id, new JsonObject
        {
            ["target"] = target, ["startTime"] = call.Now.Fractions(), ["endTime"] = (call.Now + options.AzureOperationDuration).Fractions(),
        });
        reply.With("Retry-After", "0");
        return style is AzureOperationStyle.AsyncOperation
            ? reply.With(
                "Azure-AsyncOperation",
                $"{call.BaseUrl}/subscriptions/{subscription}/providers/Microsoft.Resources/locations/uksouth/operationStatuses/{id}?api-version=2024-03-01")
            : reply.With("Location", $"{call.BaseUrl}/subscriptions/{subscription}/operationresults/{id}?api-version=2024-03-01");
    }

    private static (JsonObject Operation, bool Running) Find(Call call)
    {
        var operation = call.Documents.Get("operation", call["operation"])
            ?? throw AzureErrors.Refuse(404, "OperationNotFound", $"The operation '{call["operation"]}' could not be found.");
        return (operation, Json.ToTime(operation.Text("endTime")) > call.Now);
    }

    private static Reply Status(Call call)
    {
        var (operation, running) = Find(call);
        var body = new JsonObject
        {
            ["id"] = call.RawPath, ["name"] = call["operation"], ["status"] = running ? "InProgress" : "Succeeded", ["startTime"] = operation.Text("startTime"),
        };
        if (running)
        {
            return Reply.Json(200, body).With("Retry-After", "0");
        }

        body["endTime"] = operation.Text("endTime");
        return Reply.Json(200, body);
    }

    private static Reply Result(Call call)
    {
        var (operation, running) = Find(call);
        if (running)
        {
            return Reply.Empty(202).With("Location", call.BaseUrl + call.RawPath + "?api-version=" + call.Parameter("api-version")).With("Retry-After", "0");
        }

        var target = operation.Text("target")!.ToLowerInvariant();
        return (call.Documents.Get("resource", target) ?? call.Documents.Get("resource-group", target)) is { } resource
            ? Reply.Json(200, resource)
            : Reply.Empty(200);
    }
}
