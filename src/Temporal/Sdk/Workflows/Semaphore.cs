namespace Temporalio.Workflows;

/// <summary>
/// Limits how many coroutines of a workflow do something at once. Those that wait get their turn in the order in which they came.
/// </summary>
public class Semaphore
{
    private readonly LinkedList<object> waiting = new();

    /// <summary>Creates a semaphore.</summary>
    /// <param name="initialCount">How many may enter at once, at least 1.</param>
    public Semaphore(int initialCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialCount);
        Max = initialCount;
        CurrentCount = initialCount;
    }

    /// <summary>Gets how many may enter at once.</summary>
    public int Max { get; init; }

    /// <summary>Gets how many more may enter now.</summary>
    public int CurrentCount { get; private set; }

    /// <summary>Enters, or waits to.</summary>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Ends when entered.</returns>
    public Task WaitAsync(CancellationToken? cancellationToken = null) => WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Enters, or waits to, for a time.</summary>
    /// <param name="millisecondsTimeout">How long; 0 for not at all, <see cref="Timeout.Infinite" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Whether entered.</returns>
    public Task<bool> WaitAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        WaitAsync(TimeSpan.FromMilliseconds(millisecondsTimeout), cancellationToken);

    /// <summary>Enters, or waits to, for a time.</summary>
    /// <param name="timeout">How long; zero for not at all, <see cref="Timeout.InfiniteTimeSpan" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Whether entered.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken? cancellationToken = null)
    {
        (cancellationToken ?? Workflow.CancellationToken).ThrowIfCancellationRequested();
        if (waiting.Count == 0 && CurrentCount > 0)
        {
            CurrentCount--;
            return true;
        }

        if (timeout == TimeSpan.Zero)
        {
            return false;
        }

        var place = waiting.AddLast(new object());
        try
        {
            if (!await Workflow.WaitConditionAsync(() => waiting.First == place && CurrentCount > 0, timeout, cancellationToken).ConfigureAwait(true))
            {
                return false;
            }

            CurrentCount--;
            return true;
        }
        finally
        {
            waiting.Remove(place);
        }
    }

    /// <summary>Leaves.</summary>
    /// <exception cref="InvalidOperationException">Nobody has entered.</exception>
    public void Release()
    {
        if (CurrentCount >= Max)
        {
            throw new InvalidOperationException("Semaphore released more often than entered");
        }

        CurrentCount++;
    }
}
