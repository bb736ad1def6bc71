namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// Token bucket over a queue's dispatches. A limit set by call wins over the one that pollers ask for; without either nothing is
/// held back. Not thread safe: its queue's lock guards it.
/// </summary>
internal sealed class DispatchLimiter
{
    private double? pollerLimit;
    private double? configuredLimit;
    private double tokens;
    private DateTimeOffset refilledAt;

    /// <summary>Tasks a second; null for no limit.</summary>
    public double? PerSecond => configuredLimit ?? pollerLimit;

    public bool IsConfigured => configuredLimit is not null;

    public double? PollerLimit => pollerLimit;

    /// <summary>Takes over what the last poller asked for.</summary>
    public void SetPollerLimit(double? perSecond, DateTimeOffset now) => Change(ref pollerLimit, perSecond, now);

    public void SetConfiguredLimit(double? perSecond, DateTimeOffset now) => Change(ref configuredLimit, perSecond, now);

    /// <summary>Whether a task may go out now; if not, when one may: never, for a limit of zero.</summary>
    public bool TryTake(DateTimeOffset now, out TimeSpan? retryAfter)
    {
        retryAfter = null;
        if (PerSecond is not { } rate)
        {
            return true;
        }

        if (rate <= 0)
        {
            return false;
        }

        Refill(rate, now);
        if (tokens >= 1)
        {
            tokens--;
            return true;
        }

        retryAfter = TimeSpan.FromSeconds(Math.Min((1 - tokens) / rate, 3600)) + TimeSpan.FromMilliseconds(1);
        return false;
    }

    /// <summary>Gives back what a dispatch took that did not come to be.</summary>
    public void PutBack()
    {
        if (PerSecond is { } rate)
        {
            tokens = Math.Min(Burst(rate), tokens + 1);
        }
    }

    private static double Burst(double rate) => Math.Max(1, Math.Ceiling(rate));

    private void Change(ref double? limit, double? perSecond, DateTimeOffset now)
    {
        if (limit == perSecond)
        {
            return;
        }

        var before = PerSecond;
        limit = perSecond;
        if (PerSecond is { } rate && before != rate)
        {
            tokens = before is null or <= 0 ? Burst(rate) : Math.Min(tokens, Burst(rate));
            refilledAt = now;
        }
    }

    private void Refill(double rate, DateTimeOffset now)
    {
        // A clock that was set back says nothing of how much time has passed; waiting for it to come as far again would hold everything up.
        var elapsed = Math.Max(0, (now - refilledAt).TotalSeconds);
        tokens = Math.Min(Burst(rate), tokens + (elapsed * rate));
        refilledAt = now;
    }
}
