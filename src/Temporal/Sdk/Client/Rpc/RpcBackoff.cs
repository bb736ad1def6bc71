using Onramp.Grpc;

namespace Temporalio.Client.Rpc;

/// <summary>The waits between the attempts of one call.</summary>
internal sealed class RpcBackoff
{
    // An exhausted server needs more time than a flaky network.
    private static readonly RpcRetryOptions Exhausted = new()
    {
        InitialInterval = TimeSpan.FromSeconds(1),
        Multiplier = 2,
        MaxInterval = TimeSpan.FromSeconds(10),
    };

    private readonly RpcRetryOptions options;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly long started;
    private int retries;

    public RpcBackoff(RpcRetryOptions options, TimeProvider time, Random random)
    {
        this.options = options;
        this.time = time;
        this.random = random;
        started = time.GetTimestamp();
    }

    /// <summary>How long to wait before the next attempt; null to give up.</summary>
    public TimeSpan? Next(GrpcStatusCode code)
    {
        if (!IsTransient(code) || retries >= options.MaxRetries)
        {
            return null;
        }

        var shape = code == GrpcStatusCode.ResourceExhausted ? Exhausted : options;
        var interval = Math.Min(
            shape.InitialInterval.TotalMilliseconds * Math.Pow(shape.Multiplier, retries), shape.MaxInterval.TotalMilliseconds);
        interval *= 1 + (((random.NextDouble() * 2) - 1) * options.RandomizationFactor);
        retries++;
        var delay = TimeSpan.FromMilliseconds(interval);
        return options.MaxElapsedTime is { } limit && time.GetElapsedTime(started) + delay > limit ? null : delay;
    }

    private static bool IsTransient(GrpcStatusCode code) => code is
        GrpcStatusCode.Unavailable or GrpcStatusCode.ResourceExhausted or GrpcStatusCode.Aborted or GrpcStatusCode.Internal
        or GrpcStatusCode.Unknown or GrpcStatusCode.DataLoss or GrpcStatusCode.OutOfRange;
}
