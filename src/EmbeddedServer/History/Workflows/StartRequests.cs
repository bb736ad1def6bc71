using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>From a request to the run it asks for.</summary>
internal static class StartRequests
{
    public static NewRun ToNewRun(this StartWorkflowExecutionRequest request, NamespaceRef ns, ExecutionKey key, string requestId, DateTimeOffset now)
    {
        var backoff = BackoffOf(request.CronSchedule, request.WorkflowStartDelay.ToSpan(), now);
        return new NewRun
        {
            Key = key,
            NamespaceName = ns.Name,
            WorkflowType = request.WorkflowType.Name,
            TaskQueue = request.TaskQueue.Name,
            Input = request.Input,
            Header = request.Header,
            ExecutionTimeout = request.WorkflowExecutionTimeout.ToSpan(),
            RunTimeout = request.WorkflowRunTimeout.ToSpan(),
            WorkflowTaskTimeout = request.WorkflowTaskTimeout.ToSpan(),
            RetryPolicy = request.RetryPolicy is null ? null : RetryRules.WithDefaults(request.RetryPolicy),
            CronSchedule = request.CronSchedule,
            Initiator = InitiatorOf(request.CronSchedule),
            Memo = request.Memo,
            SearchAttributes = request.SearchAttributes,
            RequestId = requestId,
            Identity = request.Identity,
            Backoff = backoff,
            ContinuedFailure = request.ContinuedFailure,
            LastCompletionResult = request.LastCompletionResult,
            UserMetadata = request.UserMetadata,
            Priority = request.Priority,
            Links = request.Links,
            CompletionCallbacks = request.CompletionCallbacks,
            EagerAccepted = request.RequestEagerExecution && backoff == TimeSpan.Zero,
        };
    }

    public static NewRun ToNewRun(this SignalWithStartWorkflowExecutionRequest request, NamespaceRef ns, ExecutionKey key, string requestId, DateTimeOffset now) => new()
    {
        Key = key,
        NamespaceName = ns.Name,
        WorkflowType = request.WorkflowType.Name,
        TaskQueue = request.TaskQueue.Name,
        Input = request.Input,
        Header = request.Header,
        ExecutionTimeout = request.WorkflowExecutionTimeout.ToSpan(),
        RunTimeout = request.WorkflowRunTimeout.ToSpan(),
        WorkflowTaskTimeout = request.WorkflowTaskTimeout.ToSpan(),
        RetryPolicy = request.RetryPolicy is null ? null : RetryRules.WithDefaults(request.RetryPolicy),
        CronSchedule = request.CronSchedule,
        Initiator = InitiatorOf(request.CronSchedule),
        Memo = request.Memo,
        SearchAttributes = request.SearchAttributes,
        RequestId = requestId,
        Identity = request.Identity,
        Backoff = BackoffOf(request.CronSchedule, request.WorkflowStartDelay.ToSpan(), now),
        UserMetadata = request.UserMetadata,
        Priority = request.Priority,
        Links = request.Links,
    };

    /// <summary>Until the next match of a cron schedule, in whole seconds rounded up; null when nothing ever matches.</summary>
    /// <param name="schedule">A schedule that was found valid.</param>
    /// <param name="from">When the run before was to begin. One that has ended before that has not had its turn yet.</param>
    /// <param name="now">Matches that are over are left out.</param>
    public static TimeSpan? CronBackoff(string schedule, DateTimeOffset from, DateTimeOffset now)
    {
        var parsed = CronSchedule.TryParse(schedule) ?? throw Errors.InvalidArgument("invalid CronSchedule.");
        var next = now < from ? from : parsed.NextAfter(from);
        while (next is { } missed && missed < now)
        {
            next = parsed.NextAfter(missed);
        }

        return next is { } match ? TimeSpan.FromSeconds(Math.Ceiling((match - now).TotalSeconds)) : null;
    }

    public static TimeSpan BackoffOf(string cronSchedule, TimeSpan startDelay, DateTimeOffset now) =>
        cronSchedule.Length == 0 ? startDelay : CronBackoff(cronSchedule, now, now) ?? TimeSpan.Zero;

    public static ContinueAsNewInitiator InitiatorOf(string cronSchedule) =>
        cronSchedule.Length == 0 ? ContinueAsNewInitiator.Unspecified : ContinueAsNewInitiator.CronSchedule;
}
