using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.TestService;

/// <summary>Lets time skip by itself whenever test environments have unlocked it and nothing is under way.</summary>
internal sealed class TimeSkipping : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Task following;

    public TimeSkipping(SkippingTimeProvider time, TimeSkipper skipper)
    {
        Lock = new TimeLock(time);
        following = Task.Run(() => skipper.FollowAsync(Lock, stopping.Token));
    }

    public TimeLock Lock { get; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }
}
