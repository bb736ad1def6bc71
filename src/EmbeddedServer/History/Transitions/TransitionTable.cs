using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>One legal step of a machine, and the events that it may write, in order.</summary>
internal record Transition<TState, TTrigger>(TState From, TTrigger Trigger, TState To, params EventType[] Writes)
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

/// <summary>The same step from one state or several, with what it does.</summary>
/// <param name="To">Null when it leaves the state as it is.</param>
/// <param name="Apply">Called with what the step is about, and what it brings along.</param>
internal sealed record Transition<TState, TTrigger, TStep>(TState[] From, TTrigger Trigger, TState? To, Action<TStep> Apply, params EventType[] Writes)
    where TState : struct, Enum
    where TTrigger : struct, Enum;

/// <summary>All that a machine may do. What has no row is refused here, not by a condition somewhere else.</summary>
internal class TransitionTable<TState, TTrigger>
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

/// <summary>The same of a machine whose rows carry what they do.</summary>
/// <param name="enter">Called with the state that a step leads to, before what the step does. Null for a machine that is known by what is pending.</param>
internal sealed class TransitionTable<TState, TTrigger, TStep>(string machine, Action<TStep, TState>? enter, params Transition<TState, TTrigger, TStep>[] rows)
    : TransitionTable<TState, TTrigger>(machine, [.. rows.SelectMany(Expand)])
    where TState : struct, Enum
    where TTrigger : struct, Enum
{
    /// <summary>Takes the step, and does what its row says.</summary>
    /// <exception cref="IllegalTransitionException">The table has no such row.</exception>
    public void Fire(TState from, TTrigger trigger, TStep step, WriteLedger ledger)
    {
        var row = (Bound)RowOf(from, trigger);
        row.MarkTaken();
        ledger.Allow(row.Writes);
        enter?.Invoke(step, row.To);
        row.Apply(step);
    }

    private static IEnumerable<Bound> Expand(Transition<TState, TTrigger, TStep> row) =>
        row.From.Select(from => new Bound(from, row.Trigger, row.To ?? from, row.Apply, row.Writes));

    private sealed record Bound(TState From, TTrigger Trigger, TState To, Action<TStep> Apply, EventType[] Writes)
        : Transition<TState, TTrigger>(From, Trigger, To, Writes);
}

/// <summary>A broken invariant: the run's decision is dropped, and the run is read again from the store.</summary>
internal sealed class IllegalTransitionException(string message) : InvalidOperationException(message);
