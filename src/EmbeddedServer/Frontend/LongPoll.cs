namespace Onramp.EmbeddedServer.Frontend;

/// <summary>
/// How long a call is held that waits for something to happen: never so long that its caller's deadline passes, because an
/// error would make idle clients back off. Time is measured: a clock that is set meanwhile holds nobody longer.
/// </summary>
internal readonly struct LongPoll
{
    private readonly TimeProvider wallClock;
    private readonly long began;
    private readonly TimeSpan atMost;

    public LongPoll(CallContext context, TimeSpan atMost, TimeProvider wallClock)
    {
        this.wallClock = wallClock;
        began = wallClock.GetTimestamp();
        var left = context.Deadline - Limits.PollMargin - wallClock.GetUtcNow();
        this.atMost = left < atMost ? left.Value : atMost;
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
            var left = atMost - wallClock.GetElapsedTime(began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
