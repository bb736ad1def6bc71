using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>An activity from the wish to schedule it until it ended, or until the workflow lost interest.</summary>
internal sealed class ActivityMachine : CommandMachine
{
    internal static readonly TransitionTable<ActivityMachine, State, Input> Transitions = new(
        "Activity",
        (State.ScheduleQueued, Input.Scheduled, State.Scheduled, m => m.machines.RegisterActivity(m)),
        // Nobody has seen the command yet, so there is nothing to cancel but the command.
        (State.ScheduleQueued, Input.CancelTry, State.CanceledBeforeSent, m => m.ResolveCanceled()),
        (State.ScheduleQueued, Input.CancelWait, State.CanceledBeforeSent, m => m.ResolveCanceled()),
        (State.ScheduleQueued, Input.CancelAbandon, State.CanceledBeforeSent, m => m.ResolveCanceled()),
        (State.Scheduled, Input.Closed, State.Closed, m => m.Resolve()),
        (State.Scheduled, Input.CancelTry, State.TryCancelQueued, m => m.RequestCancelAndResolve()),
        (State.Scheduled, Input.CancelWait, State.WaitCancelQueued, m => m.RequestCancel()),
        (State.Scheduled, Input.CancelAbandon, State.Abandoned, m => m.ResolveCanceled()),
        (State.TryCancelQueued, Input.CancelRequested, State.TryCancelRequested, null),
        // The workflow has been told that the activity is cancelled; how it really ended comes too late.
        (State.TryCancelRequested, Input.Closed, State.Closed, null),
        (State.Abandoned, Input.Closed, State.Closed, null),
        (State.WaitCancelQueued, Input.CancelRequested, State.WaitCancelRequested, null),
        (State.WaitCancelRequested, Input.Closed, State.Closed, m => m.Resolve()));

    private readonly WorkflowMachines machines;
    private readonly ScheduleActivity command;
    private State state = State.ScheduleQueued;
    private ResolveActivityJob? outcome;

    public ActivityMachine(WorkflowMachines machines, ScheduleActivity command)
    {
        this.machines = machines;
        this.command = command;
        machines.Enqueue(this, CommandType.ScheduleActivityTask);
    }

    internal enum State
    {
        ScheduleQueued,
        CanceledBeforeSent,
        Scheduled,
        TryCancelQueued,
        TryCancelRequested,
        WaitCancelQueued,
        WaitCancelRequested,
        Abandoned,
        Closed,
    }

    internal enum Input
    {
        Scheduled,
        CancelTry,
        CancelWait,
        CancelAbandon,
        CancelRequested,
        Closed,
    }

    public override bool CanceledBeforeSent => state == State.CanceledBeforeSent;

    /// <summary>Gets the number that the code knows the activity by.</summary>
    public long Sequence => command.Sequence;

    /// <summary>Gets the id of the event that scheduled the activity.</summary>
    public long ScheduledEventId { get; private set; }

    /// <summary>Gets what the command asks for.</summary>
    public ScheduleActivityTaskCommandAttributes Attributes => command.Attributes;

    public void Cancel() => Apply(command.CancellationType switch
    {
        ActivityCancellationType.TryCancel => Input.CancelTry,
        ActivityCancellationType.WaitCancellationCompleted => Input.CancelWait,
        _ => Input.CancelAbandon,
    });

    public override void OnCommandEvent(CommandType queued, HistoryEvent historyEvent)
    {
        switch ((queued, historyEvent.EventType))
        {
            case (CommandType.ScheduleActivityTask, EventType.ActivityTaskScheduled):
                var scheduled = historyEvent.ActivityTaskScheduledEventAttributes;
                RequireSame("activity type", Attributes.ActivityType.Name, scheduled.ActivityType.Name);
                RequireSame("activity id", Attributes.ActivityId, scheduled.ActivityId);
                ScheduledEventId = historyEvent.EventId;
                Apply(Input.Scheduled);
                break;
            case (CommandType.RequestCancelActivityTask, EventType.ActivityTaskCancelRequested):
                Apply(Input.CancelRequested);
                break;
            default:
                throw Mismatch(queued, historyEvent);
        }
    }

    /// <summary>Takes the event that tells how the activity ended.</summary>
    public void OnClosed(HistoryEvent historyEvent)
    {
        outcome = historyEvent.EventType switch
        {
            EventType.ActivityTaskCompleted => new(
                Attributes, command.Sequence, historyEvent.ActivityTaskCompletedEventAttributes.Result?.Payloads_.FirstOrDefault(), null),
            EventType.ActivityTaskFailed => Failed(historyEvent.ActivityTaskFailedEventAttributes),
            EventType.ActivityTaskTimedOut => TimedOut(historyEvent.ActivityTaskTimedOutEventAttributes),
            _ => Canceled(historyEvent.ActivityTaskCanceledEventAttributes),
        };
        Apply(Input.Closed);
    }

    public override Command ToCommand(CommandType queued) => queued == CommandType.ScheduleActivityTask
        ? new Command
        {
            CommandType = CommandType.ScheduleActivityTask,
            ScheduleActivityTaskCommandAttributes = Attributes,
            UserMetadata = command.Metadata,
        }
        : new Command
        {
            CommandType = CommandType.RequestCancelActivityTask,
            RequestCancelActivityTaskCommandAttributes = new() { ScheduledEventId = ScheduledEventId },
        };

    private void Apply(Input input) => Transitions.Apply(this, ref state, input);

    private void Resolve() => machines.AddJob(outcome!);

    private void RequestCancel() => machines.Enqueue(this, CommandType.RequestCancelActivityTask);

    private void RequestCancelAndResolve()
    {
        RequestCancel();
        ResolveCanceled();
    }

    private void ResolveCanceled() => machines.AddJob(new ResolveActivityJob(Attributes, command.Sequence, null, ActivityFailure(
        "Activity cancelled",
        new Failure { Message = "Activity cancelled", CanceledFailureInfo = new() },
        startedEventId: 0,
        identity: string.Empty,
        RetryState.CancelRequested)));

    private ResolveActivityJob Failed(ActivityTaskFailedEventAttributes failed) => new(Attributes, command.Sequence, null, ActivityFailure(
        "Activity task failed", failed.Failure, failed.StartedEventId, failed.Identity, failed.RetryState));

    private ResolveActivityJob TimedOut(ActivityTaskTimedOutEventAttributes timedOut) => new(Attributes, command.Sequence, null, ActivityFailure(
        "Activity task timed out", timedOut.Failure, timedOut.StartedEventId, string.Empty, timedOut.RetryState));

    private ResolveActivityJob Canceled(ActivityTaskCanceledEventAttributes canceled) => new(Attributes, command.Sequence, null, ActivityFailure(
        "Activity task canceled",
        new Failure { Message = "Activity canceled", CanceledFailureInfo = new() { Details = canceled.Details } },
        canceled.StartedEventId,
        canceled.Identity,
        RetryState.CancelRequested));

    private Failure ActivityFailure(string message, Failure? cause, long startedEventId, string identity, RetryState retryState) => new()
    {
        Message = message,
        Cause = cause,
        ActivityFailureInfo = new()
        {
            ScheduledEventId = ScheduledEventId,
            StartedEventId = startedEventId,
            Identity = identity,
            ActivityType = new ActivityType { Name = Attributes.ActivityType.Name },
            ActivityId = Attributes.ActivityId,
            RetryState = retryState,
        },
    };
}
