using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <content>How inboxes are found again that there was no room to remember.</content>
internal sealed partial class InboxDispatcher
{
    private const int InboxesSearchedAtOnce = 1_000;

    private ITimer? searchRetry;
    private WorkflowKey? searchedThrough;
    private bool hasUnknown;
    private bool isSearching;

    /// <summary>Whether it is time to look into the store, which the caller does: little is left to deal with, and there is room.</summary>
    private bool BeginSearch()
    {
        lock (gate)
        {
            if (disposed || !hasUnknown || isSearching || entries.Count >= maximumKnown || (entries.Count > maximumKnown / 2 && ready.Count > 0))
            {
                return false;
            }

            // What comes from now on is behind the place that is looked at, or may be; it is looked for again.
            hasUnknown = false;
            isSearching = true;
            return true;
        }
    }

    /// <summary>
    /// Remembers inboxes that have something and aren't known, from the place on where it ended last time: those of one page at most, and none when it has gone
    /// round once in vain.
    /// </summary>
    private void Search()
    {
        try
        {
            var found = false;
            for (var rounds = 0; rounds < 2 && !found;)
            {
                var page = delivery.ReadInboxes(searchedThrough, InboxesSearchedAtOnce);
                lock (gate)
                {
                    found = RememberUnknown(page);
                    rounds += searchedThrough is null ? 1 : 0;
                }
            }

            EndSearch(found);
        }
        catch (Exception e)
        {
            lock (gate)
            {
                isSearching = false;
                if (!disposed)
                {
                    LogSearchFailed(logger, e);
                    searchRetry?.Dispose();
                    searchRetry = time.CreateTimer(_ => SearchAgain(), null, FirstRetry, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    /// <summary>Whether there was one; after the last one it begins anew. Needs the gate.</summary>
    private bool RememberUnknown(IReadOnlyList<WorkflowKey> page)
    {
        var found = false;
        foreach (var key in page)
        {
            if (!entries.ContainsKey(key))
            {
                if (disposed || entries.Count >= maximumKnown)
                {
                    return true;
                }

                Remember(key);
                found = true;
            }

            searchedThrough = key;
        }

        searchedThrough = page.Count < InboxesSearchedAtOnce ? null : searchedThrough;
        return found;
    }

    private void EndSearch(bool mayHaveMore)
    {
        lock (gate)
        {
            hasUnknown |= mayHaveMore;
            isSearching = false;
        }
    }

    private void SearchAgain()
    {
        lock (gate)
        {
            hasUnknown = true;
            if (!disposed)
            {
                Work();
            }
        }
    }

    [LoggerMessage(12, LogLevel.Error, "Inboxes in which something waits could not be read from the data file; it is tried again")]
    private static partial void LogSearchFailed(ILogger logger, Exception exception);
}
