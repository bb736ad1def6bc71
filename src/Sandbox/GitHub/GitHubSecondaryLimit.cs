using System.Globalization;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>GitHub's limit on writes in a short time, which no header foretells: once it is reached writes are refused until the minute is over.</summary>
internal sealed class GitHubSecondaryLimit(int? writesPerMinute)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Queue<DateTimeOffset>> _writes = new(StringComparer.Ordinal);

    public Reply? Spend(Call call)
    {
        if (writesPerMinute is not { } most || call.Method is "GET" or "HEAD")
        {
            return null;
        }

        var writes = _writes.TryGetValue(call.Caller, out var known) ? known : _writes[call.Caller] = new Queue<DateTimeOffset>();
        while (writes.TryPeek(out var first) && first + s_window <= call.Now)
        {
            writes.Dequeue();
        }

        if (writes.Count < most)
        {
            writes.Enqueue(call.Now);
            return null;
        }

        var wait = Math.Max(1, (int)Math.Ceiling((writes.Peek() + s_window - call.Now).TotalSeconds));
        return GitHubErrors.Reply(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
            .With("Retry-After", wait.ToString(CultureInfo.InvariantCulture));
    }
}
