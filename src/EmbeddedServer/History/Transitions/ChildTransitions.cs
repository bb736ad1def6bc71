using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum ChildStatus
{
    /// <summary>Not asked for, or over.</summary>
    None,

    /// <summary>Asked for; nobody knows yet whether it could be started.</summary>
    Initiated,

    Started,
}

internal enum ChildTrigger
{
    Initiate,
    Start,
    FailToStart,
    Complete,
    Fail,
    Cancel,
    TimeOut,
    Terminate,
}

/// <summary>A child workflow in the history of its parent, which hears of the start of the first run and of the end of the last one.</summary>
internal static class ChildTransitions
{
    public static readonly TransitionTable<ChildStatus, ChildTrigger> Table = new(
        "child workflow",
        new(ChildStatus.None, ChildTrigger.Initiate, ChildStatus.Initiated, StartChildWorkflowExecutionInitiated),
        new(ChildStatus.Initiated, ChildTrigger.Start, ChildStatus.Started, ChildWorkflowExecutionStarted),
        new(ChildStatus.Initiated, ChildTrigger.FailToStart, ChildStatus.None, StartChildWorkflowExecutionFailed),
        new(ChildStatus.Started, ChildTrigger.Complete, ChildStatus.None, ChildWorkflowExecutionCompleted),
        new(ChildStatus.Started, ChildTrigger.Fail, ChildStatus.None, ChildWorkflowExecutionFailed),
        new(ChildStatus.Started, ChildTrigger.Cancel, ChildStatus.None, ChildWorkflowExecutionCanceled),
        new(ChildStatus.Started, ChildTrigger.TimeOut, ChildStatus.None, ChildWorkflowExecutionTimedOut),
        new(ChildStatus.Started, ChildTrigger.Terminate, ChildStatus.None, ChildWorkflowExecutionTerminated));
}
