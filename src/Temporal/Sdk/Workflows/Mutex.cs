namespace Temporalio.Workflows;

/// <summary>
/// Lets one coroutine of a workflow at a time do something. Those that wait get their turn in the order in which they came. It can't be
/// entered twice.
/// </summary>
public class Mutex
{
    private readonly Semaphore semaphore = new(1);

    /// <summary>Enters, or waits to.</summary>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Ends when entered.</returns>
    public Task WaitOneAsync(CancellationToken? cancellationToken = null) => semaphore.WaitAsync(cancellationToken);

    /// <summary>Enters, or waits to, for a time.</summary>
    /// <param name="millisecondsTimeout">How long; 0 for not at all, <see cref="Timeout.Infinite" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Whether entered.</returns>
    public Task<bool> WaitOneAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        semaphore.WaitAsync(millisecondsTimeout, cancellationToken);

    /// <summary>Enters, or waits to, for a time.</summary>
    /// <param name="timeout">How long; zero for not at all, <see cref="Timeout.InfiniteTimeSpan" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</param>
    /// <returns>Whether entered.</returns>
    public Task<bool> WaitOneAsync(TimeSpan timeout, CancellationToken? cancellationToken = null) =>
        semaphore.WaitAsync(timeout, cancellationToken);

    /// <summary>Leaves.</summary>
    /// <exception cref="InvalidOperationException">Nobody has entered.</exception>
    public void ReleaseMutex() => semaphore.Release();
}
