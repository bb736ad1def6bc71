using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>One legal step of a machine, and the events that it may write, in order.</summary>
internal sealed record Transition<TState, TTrigger>(TState From, TTrigger Trigger, TState To, params EventType[] Writes)
    where TState : struct, Enum
    where TTrigger : struct, Enum
{
    /// <summary>Set once the step has been taken; tests read it to find steps that nothing exercises.</summary>
    public bool Taken { get; private set; }

    public void MarkTaken()
    {
        if (!Taken)
        {
            Taken = true;
        }
    }
}

/// <summary>All that a machine may do. What has no row is refused here, not by a condition somewhere else.</summary>
internal sealed class TransitionTable<TState, TTrigger>
    where TState : struct, Enum
    where TTrigger : struct, Enum
{
    private readonly FrozenDictionary<(TState, TTrigger), Transition<TState, TTrigger>> rows;

    public TransitionTable(string machine, params Transition<TState, TTrigger>[] transitions)
    {
        Machine = machine;
        Rows = transitions;
        rows = transitions.ToFrozenDictionary(row => (row.From, row.Trigger));
    }

    public string Machine { get; }

    public IReadOnlyList<Transition<TState, TTrigger>> Rows { get; }

    public bool Allows(TState from, TTrigger trigger) => rows.ContainsKey((from, trigger));

    /// <summary>The state after the step.</summary>
    /// <exception cref="IllegalTransitionException">The table has no such row.</exception>
    public TState Take(TState from, TTrigger trigger)
    {
        var row = RowOf(from, trigger);
        row.MarkTaken();
        return row.To;
    }

    /// <summary>The step.</summary>
    /// <exception cref="IllegalTransitionException">The table has no such row.</exception>
    public Transition<TState, TTrigger> RowOf(TState from, TTrigger trigger) => rows.TryGetValue((from, trigger), out var row)
        ? row
        : throw new IllegalTransitionException($"a {Machine} that is {from} can't {trigger}");
}

/// <summary>A broken invariant: the run's decision is dropped, and the run is read again from the store.</summary>
internal sealed class IllegalTransitionException(string message) : InvalidOperationException(message);
