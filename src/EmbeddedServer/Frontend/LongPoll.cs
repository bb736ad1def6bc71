
namespace Onramp.EmbeddedServer.Frontend;

/// <summary>
/// How long a call is held that waits for something to happen: never so long that its caller's deadline passes, because an
/// error would make idle clients back off.
/// </summary>
internal readonly struct LongPoll
{
    private readonly TimeProvider wallClock;
    private readonly DateTimeOffset until;

    public LongPoll(CallContext context, TimeSpan atMost, TimeProvider wallClock)
    {
        this.wallClock = wallClock;
        until = wallClock.GetUtcNow() + atMost;
        if (context.Deadline is { } deadline && deadline - Limits.PollMargin < until)
        {
            until = deadline - Limits.PollMargin;
        }
    }

    /// <summary>A poll for tasks takes a caller who waits a while.</summary>
    /// <exception cref="RefusalException">FAILED_PRECONDITION: the deadline is too near.</exception>
    public static void RequireTime(CallContext context, TimeProvider wallClock)
    {
        if (context.Deadline is { } deadline && deadline - wallClock.GetUtcNow() < Limits.TaskPollMinimum)
        {
            throw Refusals.FailedPrecondition("Context timeout is too short.");
        }
    }

    /// <summary>Time left; zero when it is over.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = until - wallClock.GetUtcNow();
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
