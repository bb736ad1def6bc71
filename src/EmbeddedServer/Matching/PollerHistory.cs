using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>Who polled a queue lately. Not thread safe: its queue's lock guards it.</summary>
internal sealed class PollerHistory
{
    /// <summary>Bounds what a client that changes its identity with every poll can make us keep.</summary>
    public const int MaximumPollers = 5_000;

    private readonly Dictionary<string, (DateTimeOffset At, double? PerSecond)> pollers = new(StringComparer.Ordinal);

    public DateTimeOffset LastAccess { get; private set; } = DateTimeOffset.MinValue;

    public void Saw(PollerIdentity poller, DateTimeOffset now, TimeSpan retention)
    {
        LastAccess = now;
        if (pollers.Count >= MaximumPollers && !pollers.ContainsKey(poller.Identity))
        {
            Forget(now - retention);
            if (pollers.Count >= MaximumPollers)
            {
                return;
            }
        }

        pollers[poller.Identity] = (now, poller.MaxTasksPerSecond);
    }

    public List<PollerInfo> List(DateTimeOffset since, double? effectiveLimit)
    {
        Forget(since);
        return [.. pollers.OrderByDescending(p => p.Value.At).Select(p => new PollerInfo
        {
            Identity = p.Key,
            LastAccessTime = Timestamp.FromDateTimeOffset(p.Value.At),
            RatePerSecond = p.Value.PerSecond ?? effectiveLimit ?? DefaultRatePerSecond,
        })];
    }

    /// <summary>What is reported for a queue that has no limit of its own.</summary>
    public const double DefaultRatePerSecond = 100_000;

    private void Forget(DateTimeOffset before)
    {
        foreach (var (identity, seen) in pollers)
        {
            if (seen.At < before)
            {
                pollers.Remove(identity);
            }
        }
    }
}
