using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Checks and normalises what starts a workflow. The order of the checks is the reference's: the first fault is the one told.</summary>
internal static class StartRules
{
    public static void Normalize(NamespaceRef ns, StartWorkflowExecutionRequest request, FrontendServices services)
    {
        Require.WorkflowId(request.WorkflowId);
        RetryPolicyRules.Normalize(request.RetryPolicy);
        CheckDelay(request.WorkflowStartDelay, request.CronSchedule);
        CheckCron(request.CronSchedule, services);
        CheckType(request.WorkflowType);
        TaskQueueRules.NormalizeUsers(request.TaskQueue);
        CheckTimeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        Require.RequestId(request.RequestId);
        (request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy) = WorkflowIdPolicyRules.Normalize(
            request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.Fail);
        CheckConflictOptions(request.OnConflictOptions);
        request.SearchAttributes = Kept(ns, request.SearchAttributes, services);
        PriorityRules.Check(request.Priority);
        CallbackRules.Check(request.CompletionCallbacks);
        LinkRules.Check([.. request.Links, .. request.CompletionCallbacks.SelectMany(callback => callback.Links)]);
        CheckUnsupported(request.VersioningOverride, request.TimeSkippingConfig);
        services.Payloads.CheckSize(request.Input);
        services.Payloads.CheckSize(request.Memo);

        request.Memo = PayloadRules.WithoutEmptyFields(request.Memo);
        request.RequestId = request.RequestId.Length == 0 ? services.Ids.NewId() : request.RequestId;
        (request.WorkflowRunTimeout, request.WorkflowTaskTimeout) =
            Timeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        request.WorkflowExecutionTimeout ??= new Duration();
    }

    public static void Normalize(NamespaceRef ns, SignalWithStartWorkflowExecutionRequest request, FrontendServices services)
    {
        CheckCron(request.CronSchedule, services);
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

        CheckLength(request.WorkflowType.Name, "workflow type name");
        TaskQueueRules.NormalizeUsers(request.TaskQueue);
        CheckLength(request.RequestId, "Request ID");
        CheckTimeouts(request.WorkflowExecutionTimeout, request.WorkflowRunTimeout, request.WorkflowTaskTimeout);
        RetryPolicyRules.Normalize(request.RetryPolicy);
        CheckDelay(request.WorkflowStartDelay, request.CronSchedule);
        WorkflowIdPolicyRules.Check(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy);
        if (request.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.Fail)
        {
            throw Refusals.InvalidArgument("Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.");
        }

        (request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy) = WorkflowIdPolicyRules.Normalize(
            request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.UseExisting);
        request.SearchAttributes = Kept(ns, request.SearchAttributes, services);
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

    internal static void CheckType(WorkflowType? type)
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
        if (delay is not null && cronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("CronSchedule and WorkflowStartDelay may not be used together.");
        }

        Durations.Check(delay, "WorkflowStartDelaySeconds");
    }

    private static void CheckCron(string cronSchedule, FrontendServices services)
    {
        if (CronSchedule.Fault(cronSchedule, services.Time.GetUtcNow()) is { } fault)
        {
            throw Refusals.InvalidArgument(fault);
        }
    }

    /// <summary>Attributes that say nothing leave no trace but this: a description shows that there were some.</summary>
    private static SearchAttributes? Kept(NamespaceRef ns, SearchAttributes? attributes, FrontendServices services) =>
        attributes is { IndexedFields.Count: > 0 }
            ? SearchAttributeRules.ForStart(ns, attributes, services.SearchAttributes) ?? new SearchAttributes()
            : null;

    internal static void CheckTimeouts(Duration? execution, Duration? run, Duration? task)
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
            throw Refusals.Unimplemented("The Time-Skipping feature is not enabled for namespace.");
        }
    }
}
