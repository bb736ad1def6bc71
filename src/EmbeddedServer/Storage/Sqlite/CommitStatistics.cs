namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>How much was written, for measurements.</summary>
public sealed class CommitStatistics
{
    private long _commits;
    private long _transactions;
    private long _busyTicks;

    public long Commits => Interlocked.Read(ref _commits);

    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Time spent in transactions, syncing included.</summary>
    public TimeSpan Busy => TimeSpan.FromTicks(Interlocked.Read(ref _busyTicks));

    internal void Add(int commits, TimeSpan elapsed)
    {
        Interlocked.Add(ref _commits, commits);
        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _busyTicks, elapsed.Ticks);
    }
}
