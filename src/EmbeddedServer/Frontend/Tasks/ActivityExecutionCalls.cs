using System.Text;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>
/// What operators do to activities by the calls that are made for standalone ones, and take a workflow's as well. Without a workflow a standalone one is
/// meant, and refused by name.
/// </summary>
internal sealed class ActivityExecutionCalls(FrontendServices services)
{
    /// <summary>What of an activity's options may be changed, as masks name it without regard to case and underscores.</summary>
    private static readonly HashSet<string> Changeable = new(StringComparer.OrdinalIgnoreCase)
    {
        "taskQueue.name", "scheduleToCloseTimeout", "scheduleToStartTimeout", "startToCloseTimeout", "heartbeatTimeout", "startDelay",
        "priority", "priority.priorityKey", "priority.fairnessKey", "priority.fairnessWeight",
        "retryPolicy", "retryPolicy.initialInterval", "retryPolicy.backoffCoefficient", "retryPolicy.maximumInterval", "retryPolicy.maximumAttempts",
    };

    public async Task<PauseActivityExecutionResponse> PauseAsync(PauseActivityExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Check(new Target(request.WorkflowId, request.RunId, request.ActivityId, request.Identity, request.RequestId), "PauseActivityExecution");
        await services.History.ActivityOperations.PauseAsync(ns, new PauseActivityRequest
        {
            Execution = new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = request.RunId },
            Id = request.ActivityId,
            Identity = request.Identity,
            Reason = request.Reason,
            RequestId = request.RequestId.Length > 0 ? request.RequestId : services.Ids.NewId(),
        }).ConfigureAwait(false);
        return new PauseActivityExecutionResponse();
    }

    public async Task<UnpauseActivityExecutionResponse> UnpauseAsync(UnpauseActivityExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Check(new Target(request.WorkflowId, request.RunId, request.ActivityId, request.Identity, request.RequestId), "UnpauseActivityExecution");
        CheckDuration(request.Jitter, "jitter");
        await services.History.ActivityOperations.UnpauseAsync(ns, new UnpauseActivityRequest
        {
            Execution = new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = request.RunId },
            Id = request.ActivityId,
            Identity = request.Identity,
            Jitter = request.Jitter,
        }).ConfigureAwait(false);
        return new UnpauseActivityExecutionResponse();
    }

    public async Task<ResetActivityExecutionResponse> ResetAsync(ResetActivityExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Check(new Target(request.WorkflowId, request.RunId, request.ActivityId, request.Identity, request.RequestId), "ResetActivityExecution");
        CheckDuration(request.Jitter, "jitter");
        await services.History.ActivityOperations.ResetAsync(ns, new ResetActivityRequest
        {
            Execution = new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = request.RunId },
            Id = request.ActivityId,
            Identity = request.Identity,
            ResetHeartbeat = request.ResetHeartbeat,
            KeepPaused = request.KeepPaused,
            RestoreOriginalOptions = request.RestoreOriginalOptions,
            Jitter = request.Jitter,
        }).ConfigureAwait(false);
        return new ResetActivityExecutionResponse();
    }

    public async Task<UpdateActivityExecutionOptionsResponse> UpdateOptionsAsync(UpdateActivityExecutionOptionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Check(new Target(request.WorkflowId, request.RunId, request.ActivityId, request.Identity, request.RequestId), "UpdateActivityExecutionOptions");
        CheckChange(request);
        var changed = await services.History.ActivityOperations.UpdateOptionsAsync(ns, new UpdateActivityOptionsRequest
        {
            Execution = new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = request.RunId },
            Id = request.ActivityId,
            Identity = request.Identity,
            ActivityOptions = request.ActivityOptions,
            UpdateMask = request.UpdateMask,
            RestoreOriginal = request.RestoreOriginal,
        }).ConfigureAwait(false);
        return new UpdateActivityExecutionOptionsResponse { ActivityOptions = changed.ActivityOptions };
    }

    /// <summary>Which activity, and who asks.</summary>
    private readonly record struct Target(string WorkflowId, string RunId, string ActivityId, string Identity, string RequestId);

    private static void Check(Target target, string method)
    {
        if (target.WorkflowId.Length == 0)
        {
            throw Refusals.Unimplemented($"method {method} not implemented");
        }

        CheckLength(target.RequestId, "request ID");
        if (target.ActivityId.Length == 0)
        {
            throw Refusals.InvalidArgument("activity ID is required");
        }

        CheckLength(target.ActivityId, "activity ID");
        CheckLength(target.Identity, "identity");
        if (target.RunId.Length > 0 && !Require.IsUuid(target.RunId))
        {
            throw Refusals.InvalidArgument("invalid run id: must be a valid UUID");
        }
    }

    private static void CheckLength(string text, string what)
    {
        if (Require.IsTooLong(text))
        {
            throw Refusals.InvalidArgument($"{what} exceeds length limit. Length={Encoding.UTF8.GetByteCount(text)} Limit={Limits.IdBytes}");
        }
    }

    private static void CheckDuration(Duration? duration, string what)
    {
        if (duration.Fault() is { } fault)
        {
            throw Refusals.InvalidArgument($"invalid {what}: {fault}");
        }
    }

    private static void CheckChange(UpdateActivityExecutionOptionsRequest request)
    {
        if (request.RestoreOriginal)
        {
            if (request.UpdateMask?.Paths.Count > 0)
            {
                throw Refusals.InvalidArgument("Both UpdateMask and RestoreOriginal are provided");
            }

            return;
        }

        if (request.ActivityOptions is not { } options)
        {
            throw Refusals.InvalidArgument("ActivityOptions are not provided");
        }

        if (request.UpdateMask is not { } mask)
        {
            throw Refusals.InvalidArgument("UpdateMask is not provided");
        }

        if (mask.Paths.Count == 0)
        {
            throw Refusals.InvalidArgument("UpdateMask must specify at least one path");
        }

        if (mask.Paths.FirstOrDefault(path => !Changeable.Contains(path.Replace("_", "", StringComparison.Ordinal))) is { } unknown)
        {
            throw Refusals.InvalidArgument($"unsupported update_mask path: \"{unknown}\"");
        }

        if (mask.Paths.Any(path => path.Replace("_", "", StringComparison.Ordinal).Equals("retryPolicy", StringComparison.OrdinalIgnoreCase)))
        {
            options.RetryPolicy = RetryRules.WithDefaults(options.RetryPolicy);
        }

        CheckDuration(options.ScheduleToCloseTimeout, "ScheduleToCloseTimeout");
        CheckDuration(options.ScheduleToStartTimeout, "ScheduleToStartTimeout");
        CheckDuration(options.StartToCloseTimeout, "StartToCloseTimeout");
        CheckDuration(options.HeartbeatTimeout, "HeartbeatTimeout");
        PriorityRules.Check(options.Priority);
    }
}
