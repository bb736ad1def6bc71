using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>Who polled a queue lately. Not thread safe: its queue's lock guards it.</summary>
internal sealed class PollerHistory
{
    /// <summary>Bounds what a client that changes its identity with every poll can make us keep.</summary>
    public const int MaximumPollers = 5_000;

    private readonly Dictionary<string, (DateTimeOffset At, PollerIdentity Poller)> pollers = new(StringComparer.Ordinal);

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

        pollers[poller.Identity] = (now, poller);
    }

    public List<PollerInfo> List(DateTimeOffset since)
    {
        Forget(since);
#pragma warning disable CS0612 // Workers of old say their version so.
        return [.. pollers.Values.OrderByDescending(seen => seen.At).Select(seen => new PollerInfo
        {
            Identity = seen.Poller.Identity,
            LastAccessTime = Timestamp.FromDateTimeOffset(seen.At),
            RatePerSecond = seen.Poller.MaxTasksPerSecond ?? DefaultRatePerSecond,
            WorkerVersionCapabilities = seen.Poller.VersionCapabilities,
            DeploymentOptions = seen.Poller.Deployment,
        })];
#pragma warning restore CS0612
    }

    /// <summary>What is told of a poller that asks for no limit, whatever limit its queue has.</summary>
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
