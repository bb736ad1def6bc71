using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>
/// What a state machine may do, as data: in which state which input leads where, and what is done on the way. Anything without a row is
/// refused: it means that history and workflow code don't belong together.
/// </summary>
internal sealed class TransitionTable<TMachine, TState, TInput>(
    string machineName, params (TState From, TInput On, TState To, Action<TMachine>? Do)[] rows)
    where TState : struct, Enum
    where TInput : struct, Enum
{
    private readonly Dictionary<(TState From, TInput On), (TState To, Action<TMachine>? Do)> byCause =
        rows.ToDictionary(row => (row.From, row.On), row => (row.To, row.Do));

    /// <summary>Gets all rows, for tests.</summary>
    public IReadOnlyCollection<(TState From, TInput On)> Causes => byCause.Keys;

    /// <summary>Gets or sets who is told of each transition made, so that tests know which ones never are.</summary>
    public Action<TState, TInput>? Observer { get; set; }

    /// <summary>Makes a transition.</summary>
    /// <param name="machine">The machine, handed to the row's action.</param>
    /// <param name="state">Its state; changed before the action runs.</param>
    /// <param name="input">What happened.</param>
    /// <exception cref="WorkflowNondeterminismException">There is no row for it.</exception>
    public void Apply(TMachine machine, ref TState state, TInput input)
    {
        if (!byCause.TryGetValue((state, input), out var row))
        {
            throw new WorkflowNondeterminismException(
                $"[TMPRL1100] Nondeterminism error: {machineName} machine in state {state} does not handle {input}");
        }

        Observer?.Invoke(state, input);
        state = row.To;
        row.Do?.Invoke(machine);
    }
}
