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

/// <summary>
/// An update is admitted, sent to a worker, accepted, completed. A rejected one leaves no event. A worker may also answer one that was
/// sent with its task by a server that has been started anew since: who asks again by then has it admitted once more, and is told.
/// </summary>
internal static class UpdateTransitions
{
    public static readonly TransitionTable<UpdateStatus, UpdateTrigger> Table = new(
        "workflow update",
        new(UpdateStatus.Admitted, UpdateTrigger.Send, UpdateStatus.Sent),
        new(UpdateStatus.Admitted, UpdateTrigger.Accept, UpdateStatus.Accepted, WorkflowExecutionUpdateAccepted),
        new(UpdateStatus.Admitted, UpdateTrigger.Reject, UpdateStatus.Over),
        new(UpdateStatus.Admitted, UpdateTrigger.Abort, UpdateStatus.Over),
        new(UpdateStatus.Sent, UpdateTrigger.Recall, UpdateStatus.Admitted),
        new(UpdateStatus.Sent, UpdateTrigger.Accept, UpdateStatus.Accepted, WorkflowExecutionUpdateAccepted),
        new(UpdateStatus.Sent, UpdateTrigger.Reject, UpdateStatus.Over),
        new(UpdateStatus.Sent, UpdateTrigger.Abort, UpdateStatus.Over),
        new(UpdateStatus.Accepted, UpdateTrigger.Complete, UpdateStatus.Over, WorkflowExecutionUpdateCompleted));
}
