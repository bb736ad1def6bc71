using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>A command that can't be carried out: it fails the whole workflow task.</summary>
internal sealed class CommandFailedException(WorkflowTaskFailedCause cause, string reason, bool terminates = false) : Exception(reason)
{
    public WorkflowTaskFailedCause Cause { get; } = cause;

    /// <summary>Trying again can't help, so the run is terminated as well.</summary>
    public bool Terminates { get; } = terminates;

    /// <summary>As it is recorded and answered.</summary>
    public string Text { get; } = cause == WorkflowTaskFailedCause.UnhandledCommand ? "UnhandledCommand" : $"{cause}: {reason}";
}

/// <summary>What the commands of one completion share.</summary>
internal sealed class CommandContext(ExecutionTransaction tx, NamespaceRef ns, long completedEventId, RespondWorkflowTaskCompletedRequest request)
{
    public ExecutionTransaction Tx { get; } = tx;

    public ExecutionState State => Tx.State;

    public NamespaceRef Namespace { get; } = ns;

    public long CompletedEventId { get; } = completedEventId;

    public string Identity { get; } = request.Identity;

    /// <summary>Whether the answer brought a protocol message of this id.</summary>
    public bool HasMessage(string id) => request.Messages.Any(message => message.Id == id);

    /// <summary>Something happened that the workflow has to be told in a task of its own.</summary>
    public bool NeedsNewTask { get; set; }

    /// <summary>Activities that the worker wants to have with the answer.</summary>
    public List<ActivityState> Eager { get; } = [];

    /// <summary>A command's event, with what every one of them has.</summary>
    public HistoryEvent NewEvent(EventType type, Command command)
    {
        var @event = Tx.NewEvent(type);
        @event.UserMetadata = command.UserMetadata;
        return @event;
    }

    /// <exception cref="CommandFailedException">The command came without its attributes.</exception>
    public static T Require<T>(T? attributes, string name, string command, WorkflowTaskFailedCause cause)
        where T : class =>
        attributes ?? throw new CommandFailedException(cause, $"{name} is not set on {command}.");

    /// <summary>Something came while the task was out, which its worker could not see.</summary>
    public bool HasUnseen { get; private set; } = tx.HasHeldEvents;

    /// <summary>After an unseen event was withdrawn.</summary>
    public void LookForUnseen() => HasUnseen = Tx.HasHeldEvents;

    /// <summary>A run can't close over something that it has not seen. What its own commands brought about does not count.</summary>
    public void RequireNothingUnseen()
    {
        if (HasUnseen)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.UnhandledCommand, "UnhandledCommand");
        }
    }
}
