using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>What stands behind a command: it writes it for the server, and recognizes the event that the server made of it.</summary>
internal abstract class CommandMachine
{
    /// <summary>Gets a value indicating whether the command was taken back before anybody saw it.</summary>
    public virtual bool CanceledBeforeSent => false;

    /// <summary>Takes the event in history that stands where this command was given.</summary>
    /// <param name="queued">Which of the machine's commands it is.</param>
    /// <param name="historyEvent">The event.</param>
    /// <exception cref="WorkflowNondeterminismException">It is not this command's event.</exception>
    public abstract void OnCommandEvent(CommandType queued, HistoryEvent historyEvent);

    /// <summary>Writes a command for the server.</summary>
    public abstract Command ToCommand(CommandType queued);

    /// <summary>Makes the exception for an event that is not this command's.</summary>
    protected static WorkflowNondeterminismException Mismatch(CommandType queued, HistoryEvent historyEvent) =>
        new($"[TMPRL1100] Nondeterminism error: history event {historyEvent.EventId} is {historyEvent.EventType}, " +
            $"but the workflow's command there is {queued}");

    /// <summary>Requires that something of the command is the same in the event.</summary>
    protected static void RequireSame(string what, string command, string historyEvent)
    {
        if (!string.Equals(command, historyEvent, StringComparison.Ordinal))
        {
            throw new WorkflowNondeterminismException(
                $"[TMPRL1100] Nondeterminism error: {what} '{historyEvent}' of the history event does not match {what} '{command}' of the workflow's command");
        }
    }
}
