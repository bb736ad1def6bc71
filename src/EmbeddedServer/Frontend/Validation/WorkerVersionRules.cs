using System.Text;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Deployment.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>
/// What workers say of their versions. No task is routed by it here; but what makes no sense is refused, in the reference's order.
/// </summary>
internal static class WorkerVersionRules
{
    private const int BuildIdBytes = 255;

    /// <summary>What an id leaves for each of a deployment's name and its build, beside what a cluster puts before them.</summary>
    private const int DeploymentFieldBytes = (Limits.IdBytes - 39) / 2;

    /// <param name="capabilities">Of one who polls.</param>
    /// <param name="deployment">The deployment that it says it is of.</param>
    /// <param name="queue">The queue that is polled.</param>
    public static void Check(WorkerVersionCapabilities? capabilities, WorkerDeploymentOptions? deployment, TaskQueue? queue) =>
        Check(capabilities?.UseVersioning == true, capabilities?.BuildId ?? "", deployment, queue);

    /// <param name="stamp">Of one who answers.</param>
    /// <param name="deployment">The deployment that it says it is of.</param>
    /// <param name="queue">The queue that it wants to get what follows from.</param>
    public static void Check(WorkerVersionStamp? stamp, WorkerDeploymentOptions? deployment, TaskQueue? queue) =>
        Check(stamp?.UseVersioning == true, stamp?.BuildId ?? "", deployment, queue);

    private static void Check(bool usesVersioning, string buildId, WorkerDeploymentOptions? deployment, TaskQueue? queue)
    {
        if (queue is { Kind: TaskQueueKind.Sticky, NormalName.Length: 0 } && (usesVersioning || deployment is not null))
        {
            throw Refusals.InvalidArgument("NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.");
        }

        if (usesVersioning && buildId.Length == 0)
        {
            throw Refusals.InvalidArgument("WorkerVersionStamp must be present if UseVersioning is true.");
        }

        if (Encoding.UTF8.GetByteCount(buildId) > BuildIdBytes)
        {
            throw Refusals.InvalidArgument("Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.");
        }

        if (deployment is { WorkerVersioningMode: WorkerVersioningMode.Versioned })
        {
            Check(deployment);
        }
    }

    private static void Check(WorkerDeploymentOptions deployment)
    {
        if (deployment.DeploymentName.Length == 0 || deployment.BuildId.Length == 0)
        {
            throw Refusals.InvalidArgument("Deployment name and build id must be set together.");
        }

        if ((FaultOf("WorkerDeploymentName", deployment.DeploymentName, '.', ':') ?? FaultOf("BuildID", deployment.BuildId)) is { } fault)
        {
            throw Refusals.InvalidArgument(fault);
        }
    }

    private static string? FaultOf(string field, string value, params ReadOnlySpan<char> excluded)
    {
        if (Encoding.UTF8.GetByteCount(value) > DeploymentFieldBytes)
        {
            return $"size of {field} larger than the maximum allowed";
        }

        foreach (var character in excluded)
        {
            if (value.Contains(character, StringComparison.Ordinal))
            {
                return $"worker deployment name cannot contain '{character}'";
            }
        }

        return value.StartsWith("__", StringComparison.Ordinal) ? $"{field} cannot start with '__'" : null;
    }
}
