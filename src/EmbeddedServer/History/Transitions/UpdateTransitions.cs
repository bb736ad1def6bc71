using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Updates;
using Temporalio.Api.History.V1;
using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum UpdateStatus
{
    /// <summary>Taken in, and not yet with a workflow task.</summary>
    Admitted,

    /// <summary>With the workflow task that is out.</summary>
    Sent,
    Accepted,
    Over,
}

internal enum UpdateTrigger
{
    Send,

    /// <summary>The task that it was with came to nothing: it goes with the next one.</summary>
    Recall,
    Accept,
    Reject,
    Complete,

    /// <summary>The run closed, or the worker's answer could not be carried out.</summary>
    Abort,
}

/// <summary>What happens to an update in its run.</summary>
/// <param name="Event">The event that tells of it; null for what leaves none.</param>
internal sealed record UpdateStep(ExecutionTransaction Tx, string Id, HistoryEvent? Event = null)
{
    /// <summary>By which a repetition of the request is known.</summary>
    public string? RequestId { get; init; }

    /// <summary>What the run knows of it; null for one that has no event yet.</summary>
    public UpdateState? Known => Tx.State.Updates.GetValueOrDefault(Id);
}

/// <summary>
/// An update is admitted, sent to a worker, accepted, completed. A rejected one leaves no event. A worker may also answer one that was
/// sent with its task by a server that has been started anew since: who asks again by then has it admitted once more, and is told.
/// What the rows do is done to the run; whoever waits takes the same steps after the commit (<see cref="PendingUpdate"/>).
/// </summary>
internal static class UpdateTransitions
{
    public static readonly TransitionTable<UpdateStatus, UpdateTrigger, UpdateStep> Table = new(
        "workflow update", enter: null,
        new([UpdateStatus.Admitted], UpdateTrigger.Send, UpdateStatus.Sent, Nothing),
        new([UpdateStatus.Sent], UpdateTrigger.Recall, UpdateStatus.Admitted, Nothing),
        new([UpdateStatus.Admitted, UpdateStatus.Sent], UpdateTrigger.Accept, UpdateStatus.Accepted, Accept, WorkflowExecutionUpdateAccepted),
        new([UpdateStatus.Admitted, UpdateStatus.Sent], UpdateTrigger.Reject, UpdateStatus.Over, Nothing),
        new([UpdateStatus.Admitted, UpdateStatus.Sent], UpdateTrigger.Abort, UpdateStatus.Over, Nothing),
        new([UpdateStatus.Accepted], UpdateTrigger.Complete, UpdateStatus.Over, Complete, WorkflowExecutionUpdateCompleted));

    private static void Accept(UpdateStep step)
    {
        var admittedEventId = step.Known?.AdmittedEventId ?? 0;
        var accepted = step.Tx.Append(step.Event!);
        step.Tx.Updates.Put(new UpdateState(step.Id, accepted.EventId, admittedEventId: admittedEventId));
        step.Tx.State.NoteRequestId(step.RequestId, accepted);
    }

    private static void Complete(UpdateStep step)
    {
        var known = step.Known!;
        step.Tx.Updates.Put(new UpdateState(step.Id, known.AcceptedEventId, step.Tx.Append(step.Event!).EventId, known.AdmittedEventId));
    }

    /// <summary>It is with those who wait only; the run has nothing of it.</summary>
    private static void Nothing(UpdateStep step)
    {
    }
}
