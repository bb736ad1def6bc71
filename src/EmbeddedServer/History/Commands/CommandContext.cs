using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
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
internal sealed class CommandContext(
    ExecutionTransaction tx, NamespaceRef ns, long completedEventId, RespondWorkflowTaskCompletedRequest request)
{
    private readonly List<Message> messages = [.. request.Messages];

    public ExecutionTransaction Tx { get; } = tx;

    public ExecutionState State => Tx.State;

    public NamespaceRef Namespace { get; } = ns;

    public long CompletedEventId { get; } = completedEventId;

    public string Identity { get; } = request.Identity;

    /// <summary>Updates that this answer says something about.</summary>
    public HashSet<string> AnsweredUpdates { get; } = [];

    /// <summary>The message of this id that stands beside the commands, once; null when there is none.</summary>
    public Message? TakeMessage(string id)
    {
        var index = messages.FindIndex(message => message.Id == id);
        if (index < 0)
        {
            return null;
        }

        var message = messages[index];
        messages.RemoveAt(index);
        return message;
    }

    /// <summary>Those that no command has taken.</summary>
    public IReadOnlyList<Message> TakeMessages()
    {
        var rest = messages.ToList();
        messages.Clear();
        return rest;
    }

    /// <summary>Something happened that the workflow has to be told in a task of its own.</summary>
    public bool NeedsNewTask { get; set; }

    /// <summary>Workflow ids of the children that this answer starts.</summary>
    public HashSet<string> InitiatedChildren { get; } = [];

    /// <summary>Activities that the worker wants to have with the answer.</summary>
    public List<ActivityState> Eager { get; } = [];

    /// <summary>A command's event, with what every one of them has.</summary>
    public HistoryEvent NewEvent(EventType type, Command command)
    {
        var @event = Tx.NewEvent(type);
        @event.UserMetadata = command.UserMetadata;
        @event.EventGroupMarkers.Add(command.EventGroupMarkers);
        return @event;
    }

    /// <exception cref="CommandFailedException">The command came without its attributes.</exception>
    public static T Require<T>(T? attributes, string name, string command, WorkflowTaskFailedCause cause)
        where T : class =>
        attributes ?? throw new CommandFailedException(cause, $"{name} is not set on {command}.");

    /// <summary>Something came while the task was out, which its worker could not see.</summary>
    public bool HasUnseen { get; private set; } = tx.HasBufferedEvents;

    /// <summary>After an unseen event may have been withdrawn.</summary>
    public void LookForUnseen() => HasUnseen &= Tx.HasBufferedEvents;

    /// <summary>
    /// A run can't close over an event that it has not seen. What its own commands brought about does not count, nor do updates that came meanwhile: who
    /// sent them is told that the run closed.
    /// </summary>
    public void RequireNothingUnseen()
    {
        if (HasUnseen)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.UnhandledCommand, "UnhandledCommand");
        }
    }
}
