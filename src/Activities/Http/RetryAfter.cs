using System.Globalization;

namespace Onramp.Activities.Http;

/// <summary>How long a system asks to be left alone.</summary>
internal static class RetryAfter
{
    /// <summary>Longest wait taken over; a run should not sleep for days because of one odd header.</summary>
    public static readonly TimeSpan Maximum = TimeSpan.FromHours(1);

    /// <summary>The <c>Retry-After</c> header as a time from now, in either of its forms.</summary>
    public static TimeSpan? Read(ApiReply reply, DateTimeOffset now) => Read(reply.Header("Retry-After"), now);

    /// <summary>The header's text as a time from now; null when there is none, or none that can be read.</summary>
    public static TimeSpan? Read(string? text, DateTimeOffset now)
    {
        if (text is null)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return Bound(TimeSpan.FromSeconds(seconds));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Bound(at - now) : null;
    }

    public static TimeSpan Bound(TimeSpan wait) =>
        wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Maximum ? Maximum : wait;
}
