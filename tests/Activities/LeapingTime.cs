namespace Onramp.Activities.Tests;

/// <summary>
/// A clock that stands still while anybody works. When all wait it leaps to the first of them: what they do takes no time, however long the machine takes for it.
/// </summary>
/// <param name="workers">How many share it; each waits only here, and says when it is done.</param>
internal sealed class LeapingTime(int workers) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<TaskCompletionSource, DateTimeOffset> waiting = new();
    private DateTimeOffset now = new(2026, 11, 21, 5, 0, 0, TimeSpan.Zero);
    private int working = workers;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public Task WaitAsync(TimeSpan time)
    {
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Enqueue(due, now + time);
            Rest();
        }
        return due.Task;
    }

    public void Done()
    {
        lock (gate)
            Rest();
    }

    private void Rest()
    {
        if (--working > 0 || !waiting.TryPeek(out _, out var next))
            return;
        now = next;
        while (waiting.TryPeek(out var due, out var at) && at <= now)
        {
            waiting.Dequeue();
            working++;
            due.SetResult();
        }
    }
}
