using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>A timer from the wish to start it until it fired or was cancelled.</summary>
internal sealed class TimerMachine : CommandMachine
{
    internal static readonly TransitionTable<TimerMachine, State, Input> Transitions = new(
        "Timer",
        (State.StartQueued, Input.TimerStarted, State.Started, m => m.machines.RegisterTimer(m)),
        // Nobody has seen the command yet, so both vanish.
        (State.StartQueued, Input.Cancel, State.CanceledBeforeSent, null),
        (State.Started, Input.TimerFired, State.Fired, m => m.machines.AddJob(new FireTimerJob(m.command.Sequence))),
        (State.Started, Input.Cancel, State.CancelQueued, m => m.machines.Enqueue(m, CommandType.CancelTimer)),
        (State.CancelQueued, Input.TimerCanceled, State.Canceled, m => m.machines.ForgetTimer(m)));

    private readonly WorkflowMachines machines;
    private readonly StartTimer command;
    private State state = State.StartQueued;

    public TimerMachine(WorkflowMachines machines, StartTimer command)
    {
        this.machines = machines;
        this.command = command;
        machines.Enqueue(this, CommandType.StartTimer);
    }

    internal enum State
    {
        StartQueued,
        CanceledBeforeSent,
        Started,
        Fired,
        CancelQueued,
        Canceled,
    }

    internal enum Input
    {
        TimerStarted,
        TimerFired,
        TimerCanceled,
        Cancel,
    }

    public override bool CanceledBeforeSent => state == State.CanceledBeforeSent;

    /// <summary>Gets the number that the code knows the timer by.</summary>
    public long Sequence => command.Sequence;

    /// <summary>Gets the id of the event that started the timer.</summary>
    public long StartedEventId { get; private set; }

    private string TimerId => command.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public void Cancel() => Apply(Input.Cancel);

    public void Fire() => Apply(Input.TimerFired);

    public override void OnCommandEvent(CommandType queued, HistoryEvent historyEvent)
    {
        switch ((queued, historyEvent.EventType))
        {
            case (CommandType.StartTimer, EventType.TimerStarted):
                StartedEventId = historyEvent.EventId;
                Apply(Input.TimerStarted);
                break;
            case (CommandType.CancelTimer, EventType.TimerCanceled):
                Apply(Input.TimerCanceled);
                break;
            default:
                throw Mismatch(queued, historyEvent);
        }
    }

    public override Command ToCommand(CommandType queued) => queued == CommandType.StartTimer
        ? new Command
        {
            CommandType = CommandType.StartTimer,
            StartTimerCommandAttributes = new() { TimerId = TimerId, StartToFireTimeout = Duration.FromTimeSpan(command.Duration) },
            UserMetadata = command.Metadata,
        }
        : new Command
        {
            CommandType = CommandType.CancelTimer,
            CancelTimerCommandAttributes = new() { TimerId = TimerId },
        };

    private void Apply(Input input) => Transitions.Apply(this, ref state, input);
}
