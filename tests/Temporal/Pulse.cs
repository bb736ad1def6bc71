namespace Onramp.Temporal.Tests;

/// <summary>Lets a test wait for a condition that becomes true with some change.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource changed = NewChange();

    /// <summary>Something changed.</summary>
    public void Beat() => Interlocked.Exchange(ref changed, NewChange()).SetResult();

    public async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            // Taken before the condition is looked at, so that no change goes unnoticed.
            var next = Volatile.Read(ref changed).Task;
            if (condition())
            {
                return;
            }

            await next.WaitAsync(limit.Token);
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
