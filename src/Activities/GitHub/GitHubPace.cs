using Onramp.Activities.Common;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>
/// GitHub refuses an account that writes more than so often in a minute or an hour, tells it nowhere how much is left, and bans who goes on. So the
/// worker keeps count itself, for all that runs in it: a write that is one too many isn't sent, and its step is tried again when there is room.
/// Whoever is turned away is told a time of its own, one after the other, so that they don't all come back at once. A limit that GitHub tells
/// all the same, since others write with the account too, is waited out by the step that met it alone: an undo isn't kept from what it may.
/// </summary>
internal sealed class GitHubPace(GitHubOptions options, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>What a write may take on its way more than another: GitHub counts when they come.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();

    /// <summary>When writes of the last hour were sent, oldest first.</summary>
    private readonly List<DateTimeOffset> sent = [];
    private int waiting;

    /// <summary>Counts a write that is about to be sent.</summary>
    /// <exception cref="ApplicationFailureException">There is no room for it now; it says when to come again.</exception>
    public void Admit()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            sent.RemoveAll(at => at + Hour + Margin <= now);
            var free = Later(Free(options.WritesPerMinute, Minute, now), Free(options.WritesPerHour, Hour, now));
            if (free <= now)
            {
                sent.Add(now);
                waiting = Math.Max(0, waiting - 1);
                return;
            }
            var turn = options.WritesPerMinute > 0 ? Minute * waiting++ / options.WritesPerMinute : TimeSpan.Zero;
            throw Failures.RateLimited(GitHubErrors.System, "a write waits for room in GitHub's limits", free - now + turn);
        }
    }

    /// <summary>When one more write fits.</summary>
    private DateTimeOffset Free(int most, TimeSpan window, DateTimeOffset now)
    {
        if (most == 0)
            return now;
        var oldest = sent.FindIndex(at => at + window + Margin > now);
        var within = oldest < 0 ? 0 : sent.Count - oldest;
        return within < most ? now : sent[^most] + window + Margin;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <summary>Keeps every call that writes to the pace, whoever makes it.</summary>
internal sealed class GitHubPaceHandler(GitHubPace pace) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
            pace.Admit();
        return base.SendAsync(request, cancellationToken);
    }
}
