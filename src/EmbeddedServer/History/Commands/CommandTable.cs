using Onramp.EmbeddedServer.History.Updates;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>One kind of command: how it is carried out, and whether it closes the run.</summary>
internal sealed record CommandRow(CommandType Type, Action<CommandContext, Command> Apply, bool Closes = false);

/// <summary>Every command that a worker may send.</summary>
internal sealed class CommandTable
{
    private readonly Dictionary<CommandType, CommandRow> rows;

    public CommandTable(
        ActivityCommands activities, TimerCommands timers, PropertyCommands properties, ChildCommands children, ExternalCommands external,
        ClosingCommands closing, UpdateMessages updates)
    {
        CommandRow[] all =
        [
            new(CommandType.ScheduleActivityTask, activities.Schedule),
            new(CommandType.RequestCancelActivityTask, activities.RequestCancel),
            new(CommandType.StartTimer, timers.Start),
            new(CommandType.CancelTimer, timers.Cancel),
            new(CommandType.RecordMarker, properties.RecordMarker),
            new(CommandType.UpsertWorkflowSearchAttributes, properties.UpsertSearchAttributes),
            new(CommandType.ModifyWorkflowProperties, properties.ModifyProperties),
            new(CommandType.CompleteWorkflowExecution, closing.Complete, Closes: true),
            new(CommandType.FailWorkflowExecution, closing.Fail, Closes: true),
            new(CommandType.CancelWorkflowExecution, closing.Cancel, Closes: true),
            new(CommandType.ContinueAsNewWorkflowExecution, closing.ContinueAsNew, Closes: true),
            new(CommandType.StartChildWorkflowExecution, children.Start),
            new(CommandType.SignalExternalWorkflowExecution, external.Signal),
            new(CommandType.RequestCancelExternalWorkflowExecution, external.RequestCancel),
            new(CommandType.ProtocolMessage, updates.Apply),
            new(CommandType.ScheduleNexusOperation, Disabled),
            new(CommandType.RequestCancelNexusOperation, Disabled),
        ];
        rows = all.ToDictionary(row => row.Type);
    }

    public IReadOnlyCollection<CommandRow> Rows => rows.Values;

    /// <exception cref="RefusalException">INVALID_ARGUMENT: there is no such command.</exception>
    public CommandRow Find(CommandType type) =>
        rows.TryGetValue(type, out var row) ? row : throw Errors.InvalidArgument($"unknown command type: {type}");

    /// <summary>Nothing may follow a command that closes the run.</summary>
    public void RequireSequence(IReadOnlyList<Command> commands)
    {
        for (var index = 0; index < commands.Count; index++)
        {
            if (Find(commands[index].CommandType).Closes && index < commands.Count - 1)
            {
                var names = string.Join(", ", commands.Select(command => command.CommandType));
                throw Errors.InvalidArgument(
                    $"invalid command sequence: [{names}], command {commands[index].CommandType} must be the last command.");
            }
        }
    }

    /// <summary>
    /// Part of what this server says it doesn't have. The task fails with a cause that says so; an answer that only refused the call would leave it
    /// to time out, again and again.
    /// </summary>
    private static void Disabled(CommandContext context, Command command) =>
        throw new CommandFailedException(WorkflowTaskFailedCause.FeatureDisabled, $"command {command.CommandType} is not supported by this server");
}
