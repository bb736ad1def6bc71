using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>Labels and annotations on everything made: labels to select by, annotations for what labels can't hold.</summary>
internal static class KubernetesMarks
{
    /// <summary>Annotation with the mark of the run that made an object.</summary>
    public const string Run = "platform.io/workflow-id";

    private const string RequestId = "platform.io/request-id";
    private const string ProvisionedBy = "platform.io/provisioned-by";
    private const string ProvisionedAt = "platform.io/provisioned-at";

    public static JsonObject Metadata(StepInput input, string name, string? @namespace = null)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        metadata["labels"] = Labels(input);
        metadata["annotations"] = new JsonObject
        {
            [ProvisionedBy] = "namespace-as-a-service",
            // From the run, not from the clock: a retry must write the same.
            [ProvisionedAt] = input.Key.RunStartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            [RequestId] = input.Request.RequestId,
            [Run] = input.Key.Mark,
        };
        return metadata;
    }

    private static JsonObject Labels(StepInput input)
    {
        var request = input.Request;
        var labels = new JsonObject
        {
            ["app.kubernetes.io/name"] = request.Name,
            ["app.kubernetes.io/managed-by"] = "onramp",
            ["platform.io/managed"] = "true",
            ["platform.io/team"] = request.Team,
            ["platform.io/service"] = request.Name,
            ["platform.io/environment"] = request.Environment,
        };
        if (request.CostCenter.Length > 0)
            labels["platform.io/cost-center"] = request.CostCenter;
        return labels;
    }
}
