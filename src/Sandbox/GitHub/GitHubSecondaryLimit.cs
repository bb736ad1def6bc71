using System.Globalization;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>
/// GitHub's limits on writes in a short time, which no header foretells: once one is reached writes are refused until its time is over. It counts
/// from the start, or from the last reset.
/// </summary>
internal sealed class GitHubSecondaryLimit(SandboxOptions options)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly Dictionary<string, List<DateTimeOffset>> _writes = new(StringComparer.Ordinal);

    public void Reset() => _writes.Clear();

    public Reply? Spend(Call call)
    {
        if ((options.GitHubWritesPerMinute is null && options.GitHubWritesPerHour is null) || call.Method is "GET" or "HEAD")
        {
            return null;
        }

        var writes = _writes.TryGetValue(call.Caller, out var known) ? known : _writes[call.Caller] = [];
        writes.RemoveAll(w => w + s_hour <= call.Now);
        if (Later(Wait(writes, options.GitHubWritesPerMinute, s_minute, call.Now), Wait(writes, options.GitHubWritesPerHour, s_hour, call.Now)) is not { } wait)
        {
            writes.Add(call.Now);
            return null;
        }

        return GitHubErrors.Reply(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
            .With("Retry-After", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
    }

    private static TimeSpan? Later(TimeSpan? one, TimeSpan? other) => one > other || other is null ? one : other;

    private static TimeSpan? Wait(List<DateTimeOffset> writes, int? most, TimeSpan window, DateTimeOffset now)
    {
        var within = writes.Where(w => w + window > now).ToList();
        return within.Count >= most ? within[^most.Value] + window - now : null;
    }
}
