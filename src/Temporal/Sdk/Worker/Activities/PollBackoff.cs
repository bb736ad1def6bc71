using Temporalio.Exceptions;

namespace Temporalio.Worker.Activities;

/// <summary>Growing pauses after failed calls.</summary>
internal sealed class PollBackoff(Random random, TimeSpan first, TimeSpan longest)
{
    private const double Jitter = 0.2;
    private int failures;

    public static bool IsTransient(RpcException.StatusCode code) => code is
        RpcException.StatusCode.Unavailable or RpcException.StatusCode.ResourceExhausted or RpcException.StatusCode.Aborted
        or RpcException.StatusCode.Internal or RpcException.StatusCode.Unknown or RpcException.StatusCode.DataLoss
        or RpcException.StatusCode.OutOfRange or RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled;

    public TimeSpan Next()
    {
        var pause = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(failures++, 30)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (1 + (((random.NextDouble() * 2) - 1) * Jitter)));
    }

    public void Reset() => failures = 0;
}
