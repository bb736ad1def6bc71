
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

    /// <summary>Workers have to say how long they wait, and that it isn't next to nothing.</summary>
    public static void RequireTime(CallContext context, TimeProvider wallClock)
    {
        if (context.Deadline is not { } deadline)
        {
            throw Refusals.InvalidArgument("Context timeout is not set.");
        }

        if (deadline - wallClock.GetUtcNow() < Limits.ShortestTaskPoll)
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
