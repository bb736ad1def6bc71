using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>A child's life as events of its parent.</summary>
internal static class ChildEvents
{
    public static HistoryEvent Started(ExecutionTransaction tx, ChildState child, string runId, Header? header)
    {
        var started = tx.NewEvent(EventType.ChildWorkflowExecutionStarted);
        started.ChildWorkflowExecutionStartedEventAttributes = new ChildWorkflowExecutionStartedEventAttributes
        {
            Namespace = child.NamespaceName,
            NamespaceId = child.NamespaceId,
            InitiatedEventId = child.InitiatedEventId,
            WorkflowExecution = new WorkflowExecution { WorkflowId = child.WorkflowId, RunId = runId },
            WorkflowType = new WorkflowType { Name = child.Type },
            Header = header,
        };
        return started;
    }

    public static HistoryEvent NotStarted(ExecutionTransaction tx, ChildState child, StartChildWorkflowExecutionFailedCause cause)
    {
        var failed = tx.NewEvent(EventType.StartChildWorkflowExecutionFailed);
        failed.StartChildWorkflowExecutionFailedEventAttributes = new StartChildWorkflowExecutionFailedEventAttributes
        {
            Namespace = child.NamespaceName,
            NamespaceId = child.NamespaceId,
            InitiatedEventId = child.InitiatedEventId,
            WorkflowId = child.WorkflowId,
            WorkflowType = new WorkflowType { Name = child.Type },
            Cause = cause,
        };
        return failed;
    }

    public static ChildTrigger TriggerOf(HistoryEvent closing) => closing.EventType switch
    {
        EventType.WorkflowExecutionCompleted => ChildTrigger.Complete,
        EventType.WorkflowExecutionFailed => ChildTrigger.Fail,
        EventType.WorkflowExecutionCanceled => ChildTrigger.Cancel,
        EventType.WorkflowExecutionTimedOut => ChildTrigger.TimeOut,
        EventType.WorkflowExecutionTerminated => ChildTrigger.Terminate,
        _ => throw new InvalidDataException($"a child can't end with {closing.EventType}"),
    };

    /// <param name="tx">The parent's decision.</param>
    /// <param name="child">The child as its parent knew it.</param>
    /// <param name="lastRunId">The run that ended: the last of the child's chain.</param>
    /// <param name="closing">Its last event.</param>
    public static HistoryEvent Closed(ExecutionTransaction tx, ChildState child, string lastRunId, HistoryEvent closing)
    {
        var execution = new WorkflowExecution { WorkflowId = child.WorkflowId, RunId = lastRunId };
        var type = new WorkflowType { Name = child.Type };
        switch (TriggerOf(closing))
        {
            case ChildTrigger.Complete:
                var completed = tx.NewEvent(EventType.ChildWorkflowExecutionCompleted);
                completed.ChildWorkflowExecutionCompletedEventAttributes = new ChildWorkflowExecutionCompletedEventAttributes
                {
                    Result = closing.WorkflowExecutionCompletedEventAttributes.Result,
                    Namespace = child.NamespaceName,
                    NamespaceId = child.NamespaceId,
                    WorkflowExecution = execution,
                    WorkflowType = type,
                    InitiatedEventId = child.InitiatedEventId,
                    StartedEventId = child.StartedEventId,
                };
                return completed;
            case ChildTrigger.Fail:
                var failed = tx.NewEvent(EventType.ChildWorkflowExecutionFailed);
                failed.ChildWorkflowExecutionFailedEventAttributes = new ChildWorkflowExecutionFailedEventAttributes
                {
                    Failure = closing.WorkflowExecutionFailedEventAttributes.Failure,
                    RetryState = closing.WorkflowExecutionFailedEventAttributes.RetryState,
                    Namespace = child.NamespaceName,
                    NamespaceId = child.NamespaceId,
                    WorkflowExecution = execution,
                    WorkflowType = type,
                    InitiatedEventId = child.InitiatedEventId,
                    StartedEventId = child.StartedEventId,
                };
                return failed;
            case ChildTrigger.Cancel:
                var canceled = tx.NewEvent(EventType.ChildWorkflowExecutionCanceled);
                canceled.ChildWorkflowExecutionCanceledEventAttributes = new ChildWorkflowExecutionCanceledEventAttributes
                {
                    Details = closing.WorkflowExecutionCanceledEventAttributes.Details,
                    Namespace = child.NamespaceName,
                    NamespaceId = child.NamespaceId,
                    WorkflowExecution = execution,
                    WorkflowType = type,
                    InitiatedEventId = child.InitiatedEventId,
                    StartedEventId = child.StartedEventId,
                };
                return canceled;
            case ChildTrigger.TimeOut:
                var timedOut = tx.NewEvent(EventType.ChildWorkflowExecutionTimedOut);
                timedOut.ChildWorkflowExecutionTimedOutEventAttributes = new ChildWorkflowExecutionTimedOutEventAttributes
                {
                    RetryState = closing.WorkflowExecutionTimedOutEventAttributes.RetryState,
                    Namespace = child.NamespaceName,
                    NamespaceId = child.NamespaceId,
                    WorkflowExecution = execution,
                    WorkflowType = type,
                    InitiatedEventId = child.InitiatedEventId,
                    StartedEventId = child.StartedEventId,
                };
                return timedOut;
            default:
                var terminated = tx.NewEvent(EventType.ChildWorkflowExecutionTerminated);
                terminated.ChildWorkflowExecutionTerminatedEventAttributes = new ChildWorkflowExecutionTerminatedEventAttributes
                {
                    Namespace = child.NamespaceName,
                    NamespaceId = child.NamespaceId,
                    WorkflowExecution = execution,
                    WorkflowType = type,
                    InitiatedEventId = child.InitiatedEventId,
                    StartedEventId = child.StartedEventId,
                };
                return terminated;
        }
    }
}
