using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>
/// Holds what a decision wrote against the steps that it took: an event that belongs to a machine is written only by a step whose row says so.
/// Tests look, by the switch <c>Onramp.EmbeddedServer.ChecksWrites</c> of their runtime configuration; a server that people run doesn't pay for it.
/// </summary>
internal sealed class WriteLedger
{
    private static readonly bool Looks = AppContext.TryGetSwitch("Onramp.EmbeddedServer.ChecksWrites", out var looks) && looks;

    private static readonly HashSet<EventType> Owned =
    [
        .. WritesOf(ActivityTransitions.Table), .. WritesOf(CancelRequestTransitions.Table), .. WritesOf(ChildTransitions.Table),
        .. WritesOf(ExecutionTransitions.Table), .. WritesOf(ExternalCallTransitions.Table), .. WritesOf(SignalTransitions.Table),
        .. WritesOf(TimerTransitions.Table), .. WritesOf(UpdateTransitions.Table), .. WritesOf(WorkflowTaskTransitions.Table),
    ];

    private readonly Dictionary<EventType, int> room = [];

    /// <summary>A step was taken that may write these.</summary>
    public void Allow(EventType[] writes)
    {
        foreach (var type in Looks ? writes : [])
        {
            room[type] = room.GetValueOrDefault(type) + 1;
        }
    }

    /// <summary>An event was written.</summary>
    public void Note(EventType type)
    {
        if (Looks)
        {
            room[type] = room.GetValueOrDefault(type) - 1;
        }
    }

    /// <exception cref="IllegalTransitionException">An event was written that no step allows.</exception>
    public void Check()
    {
        foreach (var (type, left) in room)
        {
            if (left < 0 && Owned.Contains(type))
            {
                throw new IllegalTransitionException($"{type} was written, which no step that was taken writes");
            }
        }
    }

    private static IEnumerable<EventType> WritesOf<TState, TTrigger>(TransitionTable<TState, TTrigger> table)
        where TState : struct, Enum
        where TTrigger : struct, Enum => table.Rows.SelectMany(row => row.Writes);
}
