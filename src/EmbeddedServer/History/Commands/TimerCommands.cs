using System.Text;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>START_TIMER and CANCEL_TIMER.</summary>
internal sealed class TimerCommands(CommandLimits limits, HistoryEngineOptions options)
{
    public void Start(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadStartTimerAttributes;
        var attributes = CommandContext.Require(
            command.StartTimerCommandAttributes, "StartTimerCommandAttributes", "StartTimerCommand", Cause);
        var id = attributes.TimerId;
        if (id.Length == 0)
        {
            throw new CommandFailedException(Cause, "TimerId is not set on StartTimerCommand.");
        }

        if (limits.IsTooLong(id))
        {
            throw new CommandFailedException(Cause, $"TimerId on StartTimerCommand exceeds length limit. TimerId={id} Length={Encoding.UTF8.GetByteCount(id)} Limit={limits.MaximumIdBytes}");
        }

        if (attributes.StartToFireTimeout.Fault() is { } fault)
        {
            throw new CommandFailedException(Cause, $"An invalid StartToFireTimeout is set on StartTimerCommand: {fault}. TimerId={id}");
        }

        var duration = attributes.StartToFireTimeout.ToSpan();

        var status = StatusOf(context, id);
        if (!TimerTransitions.Table.Allows(status, TimerTrigger.Start))
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.StartTimerDuplicateId, $"invalid history builder state for action: add-timer-started-event, TimerID: {id}");
        }

        var started = context.NewEvent(EventType.TimerStarted, command);
        started.TimerStartedEventAttributes = new TimerStartedEventAttributes
        {
            TimerId = id,
            StartToFireTimeout = attributes.StartToFireTimeout,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
        };
        context.Tx.Fire(TimerTransitions.Table, status, TimerTrigger.Start, new TimerStep(context.Tx, id, started) { FireAt = context.Tx.Now.Plus(duration > options.MinimumTimerSpan ? duration : options.MinimumTimerSpan) });
    }

    /// <summary>A timer that has fired unseen is still canceled: its event is withdrawn, and the workflow may close in the same task.</summary>
    public void Cancel(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadCancelTimerAttributes;
        var attributes = CommandContext.Require(
            command.CancelTimerCommandAttributes, "CancelTimerCommandAttributes", "CancelTimerCommand", Cause);
        var id = attributes.TimerId;
        if (id.Length == 0)
        {
            throw new CommandFailedException(Cause, "TimerId is not set on CancelTimerCommand.");
        }

        if (limits.IsTooLong(id))
        {
            throw new CommandFailedException(Cause, $"TimerId on CancelTimerCommand exceeds length limit. TimerId={id} Length={Encoding.UTF8.GetByteCount(id)} Limit={limits.MaximumIdBytes}");
        }

        var status = StatusOf(context, id);
        if (!TimerTransitions.Table.Allows(status, TimerTrigger.Cancel))
        {
            throw new CommandFailedException(Cause, $"invalid history builder state for action: add-timer-canceled-event, TimerID: {id}");
        }

        var canceled = context.NewEvent(EventType.TimerCanceled, command);
        canceled.TimerCanceledEventAttributes = new TimerCanceledEventAttributes
        {
            TimerId = id,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Identity = context.Identity,
        };
        context.Tx.Fire(TimerTransitions.Table, status, TimerTrigger.Cancel, new TimerStep(context.Tx, id, canceled));
        context.LookForUnseen();
    }

    private static TimerStatus StatusOf(CommandContext context, string id)
    {
        if (context.State.Timers.ContainsKey(id))
        {
            return TimerStatus.Running;
        }

        return TimerTransitions.FiredUnseen(context.Tx, id) is null ? TimerStatus.None : TimerStatus.FiredUnseen;
    }
}
