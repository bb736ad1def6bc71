using System.Globalization;
using k8s;
using k8s.Models;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>Labels and annotations on everything made: labels to select by, annotations for what labels can't hold.</summary>
internal static class KubernetesMarks
{
    /// <summary>Annotation with the mark of the run that made an object.</summary>
    public const string Run = "platform.io/workflow-id";

    public const string TeamLabel = "platform.io/team";
    public const string EnvironmentLabel = "platform.io/environment";
    public const string ServiceLabel = "platform.io/service";

    /// <summary>Annotation of a namespace with the services that it calls, joined by commas.</summary>
    public const string Dependencies = "platform.io/dependencies";

    private const string RequestId = "platform.io/request-id";
    private const string ProvisionedBy = "platform.io/provisioned-by";
    private const string ProvisionedAt = "platform.io/provisioned-at";

    public static V1ObjectMeta Metadata(StepInput input, string name, string? @namespace = null) => new()
    {
        Name = name,
        NamespaceProperty = @namespace,
        Labels = Labels(input),
        Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ProvisionedBy] = "namespace-as-a-service",
            // From the run, not from the clock: a retry must write the same.
            [ProvisionedAt] = input.Key.RunStartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            [RequestId] = input.Request.RequestId,
            [Run] = input.Key.Mark,
        },
    };

    /// <summary>The mark of the run that made it.</summary>
    public static string? Mark(this IKubernetesObject<V1ObjectMeta> found) => found.GetAnnotation(Run);

    public static bool IsTerminating(this IKubernetesObject<V1ObjectMeta> found) => found.DeletionTimestamp() is not null;

    private static Dictionary<string, string> Labels(StepInput input)
    {
        var request = input.Request;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["app.kubernetes.io/name"] = request.Name,
            ["app.kubernetes.io/managed-by"] = "onramp",
            ["platform.io/managed"] = "true",
            [TeamLabel] = request.Team,
            [ServiceLabel] = request.Name,
            [EnvironmentLabel] = request.Environment,
        };
        if (request.CostCenter.Length > 0)
            labels["platform.io/cost-center"] = request.CostCenter;
        return labels;
    }
}
