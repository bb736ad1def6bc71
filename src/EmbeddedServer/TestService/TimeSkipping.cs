using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.TestService;

/// <summary>Lets time skip by itself whenever test environments have unlocked it and nothing is under way.</summary>
internal sealed partial class TimeSkipping : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Task following;

    public TimeSkipping(SkippingTimeProvider time, TimeSkipper skipper, TimeProvider wallClock, ILogger logger)
    {
        Lock = new TimeLock(time);
        following = Task.Run(() => FollowAsync(skipper, wallClock, logger));
    }

    public TimeLock Lock { get; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await following.ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task FollowAsync(TimeSkipper skipper, TimeProvider wallClock, ILogger logger)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await skipper.FollowAsync(Lock, stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LogFailed(logger, e);
                await Task.Delay(RetryInterval, wallClock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                // The server stops.
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Time could not be skipped; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
