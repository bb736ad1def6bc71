using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>
/// The run that follows one that ends: a retry, the next run of a cron schedule, or what the workflow continued as. It is decided and
/// committed together with the end of its predecessor, so a chain never has a gap.
/// </summary>
internal sealed class RunChain(EventReader reader, WorkflowTaskMachine workflowTasks, HistoryEngineOptions options, IIdSource ids)
{
    public ExecutionTransaction? AfterCompletion(ExecutionTransaction tx, Payloads? result) =>
        tx.State.Info.CronSchedule.Length == 0 ? null : NextCronRun(tx, result, null);

    /// <summary>The workflow says that it failed. What an earlier run of a cron schedule completed with is not told to its next attempt.</summary>
    public ExecutionTransaction? AfterFailure(ExecutionTransaction tx, Failure failure, out RetryState retryState) =>
        AfterFailure(tx, failure, keepsResult: false, out retryState);

    private ExecutionTransaction? AfterFailure(ExecutionTransaction tx, Failure failure, bool keepsResult, out RetryState retryState)
    {
        var info = tx.State.Info;
        retryState = RetryRules.Evaluate(
            info.RetryPolicy, failure, info.Attempt, tx.Now, info.ExecutionExpiration, RequestedDelay.IsCapped, out var interval);
        if (retryState == RetryState.InProgress)
        {
            var first = FirstEvent(tx.State);
            return Begin(tx, Same(tx, first) with
            {
                Attempt = info.Attempt + 1,
                Initiator = ContinueAsNewInitiator.Retry,
                Backoff = interval,
                ContinuedFailure = failure,
                LastCompletionResult = keepsResult ? first.WorkflowExecutionStartedEventAttributes.LastCompletionResult : null,
            });
        }

        return info.CronSchedule.Length == 0 ? null : NextCronRun(tx, null, failure);
    }

    /// <summary>The run's own time is over; the chain's may not be.</summary>
    public ExecutionTransaction? AfterTimeout(ExecutionTransaction tx, out RetryState retryState)
    {
        if (tx.State.Info.ExecutionExpiration <= tx.Now)
        {
            retryState = RetryState.Timeout;
            return null;
        }

        var failure = new Failure
        {
            Message = "workflow timeout",
            Source = "Server",
            TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = TimeoutType.StartToClose },
        };
        return AfterFailure(tx, failure, keepsResult: true, out retryState);
    }

    /// <summary>Begins a run of the chain. One that would follow too soon on when its predecessor began to work waits.</summary>
    public ExecutionTransaction Begin(ExecutionTransaction tx, NewRun run)
    {
        var lifetime = tx.Now - tx.State.Info.ExecutionTime;
        if (lifetime + run.Backoff < options.MinimumChainInterval)
        {
            run = run with { Backoff = options.MinimumChainInterval - lifetime };
        }

        var successor = run.Begin(tx.Now, options.CachedEventBytes);
        workflowTasks.ScheduleWorkflowTask(successor);
        return successor;
    }

    /// <summary>A run like this one; what differs is up to the caller.</summary>
    public NewRun Same(ExecutionTransaction tx, HistoryEvent started)
    {
        var info = tx.State.Info;
        var first = started.WorkflowExecutionStartedEventAttributes;
        return new NewRun
        {
            Key = tx.State.Key with { RunId = ids.NewRunId() },
            NamespaceName = info.NamespaceName,
            WorkflowType = info.WorkflowType,
            TaskQueue = info.TaskQueue,
            Input = first.Input,
            Header = first.Header,
            ExecutionTimeout = info.ExecutionTimeout,
            RunTimeout = info.RunTimeout,
            TellsRunTimeout = info.TellsRunTimeout,
            WorkflowTaskTimeout = info.WorkflowTaskTimeout,
            RetryPolicy = info.RetryPolicy,
            CronSchedule = info.CronSchedule,
            Memo = first.Memo,
            SearchAttributes = first.SearchAttributes,
            RequestId = ids.NewId(),
            ContinuedRunId = tx.State.Key.RunId,
            FirstExecutionRunId = info.FirstExecutionRunId,
            ExecutionExpiration = info.ExecutionExpiration,
            ParentNamespaceId = info.ParentNamespaceId,
            ParentNamespaceName = first.ParentWorkflowNamespace,
            Parent = info.Parent,
            ParentInitiatedEventId = info.ParentInitiatedEventId,
            Root = first.RootWorkflowExecution,
            ScheduledBy = info.ScheduledBy,
            Priority = first.Priority,
            Links = started.Links,
            CompletionCallbacks = [.. reader.Callbacks(tx.State)],
        };
    }

    public HistoryEvent FirstEvent(ExecutionState state) => reader.ReadOne(state, 1);

    /// <summary>Null when the schedule matches nothing any more.</summary>
    private ExecutionTransaction? NextCronRun(ExecutionTransaction tx, Payloads? result, Failure? failure)
    {
        var info = tx.State.Info;
        if (StartRequests.CronBackoff(info.CronSchedule, info.ExecutionTime, tx.Now) is not { } backoff)
        {
            return null;
        }

        var first = FirstEvent(tx.State);
        return Begin(tx, Same(tx, first) with
        {
            Initiator = ContinueAsNewInitiator.CronSchedule,
            Backoff = backoff,
            ContinuedFailure = failure,
            LastCompletionResult = failure is null ? result : first.WorkflowExecutionStartedEventAttributes.LastCompletionResult,

            // They are for the end of a run's retries, not for every match of the schedule.
            CompletionCallbacks = [],
        });
    }
}
