using Onramp.EmbeddedServer.History.Children;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.History.V1;
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

/// <summary>What happens to a child workflow, as its parent hears of it.</summary>
/// <param name="Event">The event that tells of it.</param>
internal sealed record ChildStep(ExecutionTransaction Tx, HistoryEvent Event)
{
    /// <summary>The child; null for one that is asked for.</summary>
    public ChildState? Child { get; init; }
}

/// <summary>A child workflow in the history of its parent, which hears of the start of the first run and of the end of the last one.</summary>
internal static class ChildTransitions
{
    public static readonly TransitionTable<ChildStatus, ChildTrigger, ChildStep> Table = new(
        "child workflow", enter: null,
        new([ChildStatus.None], ChildTrigger.Initiate, ChildStatus.Initiated, AskForStart, StartChildWorkflowExecutionInitiated),
        new([ChildStatus.Initiated], ChildTrigger.Start, ChildStatus.Started, NoteStart, ChildWorkflowExecutionStarted),
        new([ChildStatus.Initiated], ChildTrigger.FailToStart, ChildStatus.None, End, StartChildWorkflowExecutionFailed),
        new([ChildStatus.Started], ChildTrigger.Complete, ChildStatus.None, End, ChildWorkflowExecutionCompleted),
        new([ChildStatus.Started], ChildTrigger.Fail, ChildStatus.None, End, ChildWorkflowExecutionFailed),
        new([ChildStatus.Started], ChildTrigger.Cancel, ChildStatus.None, End, ChildWorkflowExecutionCanceled),
        new([ChildStatus.Started], ChildTrigger.TimeOut, ChildStatus.None, End, ChildWorkflowExecutionTimedOut),
        new([ChildStatus.Started], ChildTrigger.Terminate, ChildStatus.None, End, ChildWorkflowExecutionTerminated));

    private static void AskForStart(ChildStep step)
    {
        var initiated = step.Tx.Append(step.Event);
        step.Tx.Children.Add(ChildState.Of(initiated));
        step.Tx.Send(ChildMessages.Start(step.Tx.State, initiated));
    }

    private static void NoteStart(ChildStep step)
    {
        var child = step.Child!;
        child.RunId = step.Event.ChildWorkflowExecutionStartedEventAttributes.WorkflowExecution.RunId;
        child.RequestedBy = "";
        step.Tx.Children.Change(child);
        step.Tx.BufferEvent(step.Event);
    }

    private static void End(ChildStep step)
    {
        step.Tx.Children.Remove(step.Child!.InitiatedEventId);
        step.Tx.BufferEvent(step.Event);
    }
}
