using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Checks and normalises what starts a workflow. The order of the checks is the reference's: the first fault is the one told.</summary>
internal static class StartRules
{
    public static void Normalize(StartWorkflowExecutionRequest request, FrontendServices services)
    {
        Require.WorkflowId(request.WorkflowId);
        RetryPolicyRules.Normalize(request.RetryPolicy);
        CheckDelay(request.WorkflowStartDelay, request.CronSchedule);
        CheckCron(request.CronSchedule);
        CheckType(request.WorkflowType);
        TaskQueueRules.Normalize(request.TaskQueue);
        CheckTimeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        Require.RequestId(request.RequestId);
        (request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy) = WorkflowIdPolicyRules.Normalize(
            request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.Fail);
        CallbackRules.Check(request.CompletionCallbacks);
        CheckConflictOptions(request.OnConflictOptions);
        PriorityRules.Check(request.Priority);
        LinkRules.Check(request.Links);
        CheckUnsupported(request.VersioningOverride, request.TimeSkippingConfig);
        services.Payloads.CheckSize(request.Input);
        services.Payloads.CheckSize(request.Memo);

        request.Memo = PayloadRules.WithoutEmptyFields(request.Memo);
        request.RequestId = request.RequestId.Length == 0 ? services.Ids.NewId() : request.RequestId;
        (request.WorkflowRunTimeout, request.WorkflowTaskTimeout) =
            Timeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        request.WorkflowExecutionTimeout ??= new Duration();
    }

    public static void Normalize(SignalWithStartWorkflowExecutionRequest request, FrontendServices services)
    {
        Require.WorkflowId(request.WorkflowId);
        if (request.SignalName.Length == 0)
        {
            throw Refusals.InvalidArgument("signal not set");
        }

        CheckLength(request.SignalName, "signal name");
        if (string.IsNullOrEmpty(request.WorkflowType?.Name))
        {
            throw Refusals.InvalidArgument("workflow type not set");
        }

        CheckLength(request.WorkflowType.Name, "workflow type");
        TaskQueueRules.Normalize(request.TaskQueue);
        Require.RequestId(request.RequestId);
        CheckTimeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        CheckDelay(request.WorkflowStartDelay, request.CronSchedule);
        if (request.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.Fail)
        {
            throw Refusals.InvalidArgument("Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.");
        }

        (request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy) = WorkflowIdPolicyRules.Normalize(
            request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.UseExisting);
        RetryPolicyRules.Normalize(request.RetryPolicy);
        CheckCron(request.CronSchedule);
        PriorityRules.Check(request.Priority);
        LinkRules.Check(request.Links);
        CheckUnsupported(request.VersioningOverride, request.TimeSkippingConfig);
        services.Payloads.CheckSize(request.Input);
        services.Payloads.CheckSize(request.SignalInput);
        services.Payloads.CheckSize(request.Memo);

        request.Memo = PayloadRules.WithoutEmptyFields(request.Memo);
        request.RequestId = request.RequestId.Length == 0 ? services.Ids.NewId() : request.RequestId;
        (request.WorkflowRunTimeout, request.WorkflowTaskTimeout) =
            Timeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        request.WorkflowExecutionTimeout ??= new Duration();
    }

    /// <summary>A run ends with its execution at the latest; a workflow task with its run.</summary>
    public static (Duration Run, Duration Task) Timeouts(Duration? execution, Duration? run, Duration? task)
    {
        var executionTimeout = Durations.ToSpan(execution);
        var runTimeout = Durations.ToSpan(run);
        if (executionTimeout > TimeSpan.Zero && (runTimeout == TimeSpan.Zero || runTimeout > executionTimeout))
        {
            runTimeout = executionTimeout;
            run = execution;
        }

        var taskTimeout = Durations.ToSpan(task);
        if (taskTimeout == TimeSpan.Zero)
        {
            taskTimeout = Limits.WorkflowTaskTimeoutDefault;
        }

        if (taskTimeout > Limits.WorkflowTaskTimeoutMaximum)
        {
            taskTimeout = Limits.WorkflowTaskTimeoutMaximum;
        }

        if (runTimeout > TimeSpan.Zero && taskTimeout > runTimeout)
        {
            taskTimeout = runTimeout;
        }

        return (run ?? new Duration(), Duration.FromTimeSpan(taskTimeout));
    }

    private static void CheckType(WorkflowType? type)
    {
        if (string.IsNullOrEmpty(type?.Name))
        {
            throw Refusals.InvalidArgument("WorkflowType is not set on request.");
        }

        if (Require.IsTooLong(type.Name))
        {
            throw Refusals.InvalidArgument("WorkflowType length exceeds limit.");
        }
    }

    private static void CheckLength(string value, string name)
    {
        if (Require.IsTooLong(value))
        {
            throw Refusals.InvalidArgument($"{name} exceeds maximum allowed length ({System.Text.Encoding.UTF8.GetByteCount(value)}/{Limits.IdBytes})");
        }
    }

    private static void CheckDelay(Duration? delay, string cronSchedule)
    {
        Durations.Check(delay, "WorkflowStartDelaySeconds");
        if (!Durations.IsZero(delay) && cronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("CronSchedule and WorkflowStartDelay may not be used together.");
        }
    }

    private static void CheckCron(string cronSchedule)
    {
        if (cronSchedule.Length > 0 && CronSchedule.TryParse(cronSchedule) is null)
        {
            throw Refusals.InvalidArgument("invalid CronSchedule.");
        }
    }

    private static void CheckTimeouts(Duration? execution, Duration? run, Duration? task)
    {
        Durations.Check(execution, "WorkflowExecutionTimeoutSeconds");
        Durations.Check(run, "WorkflowRunTimeoutSeconds");
        Durations.Check(task, "WorkflowTaskTimeoutSeconds");
    }

    private static void CheckConflictOptions(Temporalio.Api.Workflow.V1.OnConflictOptions? options)
    {
        if (options is { AttachCompletionCallbacks: true, AttachRequestId: false })
        {
            throw Refusals.InvalidArgument("attaching request ID is required for attaching completion callbacks");
        }
    }

    private static void CheckUnsupported(Temporalio.Api.Workflow.V1.VersioningOverride? versioning, TimeSkippingConfig? timeSkipping)
    {
        if (versioning is not null)
        {
            throw Refusals.Unimplemented("versioning overrides are not supported");
        }

        if (timeSkipping is not null)
        {
            throw Refusals.Unimplemented("time skipping of single workflows is not supported");
        }
    }
}
