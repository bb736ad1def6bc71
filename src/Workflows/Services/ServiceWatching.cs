using Onramp.Workflows.Changes;
using Onramp.Workflows.Display;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Services;

/// <summary>How a service learns of its changes' ends: of its own as their parent, of those that an earlier run began by looking.</summary>
public sealed partial class ServiceWorkflow
{
    /// <summary>Longest wait between two looks at a change: some hundred events a day.</summary>
    private static readonly TimeSpan LookAtLeastEvery = TimeSpan.FromHours(1);

    /// <summary>Retries after longer waits wait on a timer, not in the workflow task.</summary>
    private static readonly TimeSpan LocalRetries = TimeSpan.FromSeconds(5);

    /// <summary>Changes of an earlier run of which nothing has been heard yet.</summary>
    private readonly HashSet<string> unseen = new(StringComparer.Ordinal);

    /// <summary>Changes of an earlier run, each with how often something had been asked when it was looked at last.</summary>
    private readonly Dictionary<string, int> lookedAt = new(StringComparer.Ordinal);

    private int askings;

    /// <summary>
    /// A request isn't judged by what its service believes of an earlier run's changes: how one ended it may have told just that run. So each is looked at once more.
    /// </summary>
    private async Task LookedAgainAsync()
    {
        if (revision <= 5)
            return;
        var asking = ++askings;
        bool IsLookedAt(OpenChange open) => lookedAt.GetValueOrDefault(open.Change.ChangeId, asking) >= asking;
        if (!book.Open.All(IsLookedAt))
            await Workflow.WaitConditionAsync(() => book.Open.All(IsLookedAt));
    }

    /// <summary>A change says itself how it ended; only when it ends without a word has somebody stopped it.</summary>
    private async Task WatchAsync(ChildWorkflowHandle<ChangeWorkflow> child, string changeId)
    {
        try
        {
            await child.GetResultAsync();
        }
        catch (FailureException)
        {
            // How it failed it has told, or it couldn't.
        }
        End(changeId);
    }

    private void WatchAdopted()
    {
        foreach (var open in book.Open.Where(o => o.Adopted && watched.Add(o.Change.ChangeId)).ToList())
        {
            unseen.Add(open.Change.ChangeId);
            _ = LookAsync(open.Change.ChangeId);
        }
    }

    /// <summary>
    /// Looks after a change that is no child of this run, until it ends; it tells its end itself, unless somebody stopped it. So one that stays is looked at less and less
    /// often, and soon again when something is asked of the service, which may wait for it.
    /// </summary>
    private async Task LookAsync(string changeId)
    {
        bool IsOpen() => book.Open.Any(o => o.Change.ChangeId == changeId);
        var first = book.State.Settings.LookAfter;
        var wait = first;
        lookedAt[changeId] = -1;
        while (IsOpen())
        {
            var before = askings;
            var seen = await LookAsync<LookedAt>(ServiceContract.Look, new LookInput(name, changeId), "Look whether a change still runs", TimeSpan.FromSeconds(30));
            if (!seen.Running)
            {
                // Its word was lost with the run that it was said to.
                if (seen.Finished is { } finished)
                    Finish(finished);
                break;
            }
            unseen.Remove(changeId);
            lookedAt[changeId] = before;
            bool IsAsked() => revision > 5 && askings != before;
            await Waits.UntilAsync(() => !IsOpen() || IsAsked(), wait, "Look again whether a change still runs");
            if (revision > 5)
                wait = IsAsked() ? first : Later(wait);
        }
        End(changeId);
        unseen.Remove(changeId);
        lookedAt.Remove(changeId);
    }

    /// <summary>
    /// Within the workflow task: whoever asks waits for the answer in an activity, and a worker whose activities all wait so has none left to look with.
    /// </summary>
    private Task<T> LookAsync<T>(string activity, object about, string summary, TimeSpan limit, RetryPolicy? retry = null) => revision > 5
        ? Workflow.ExecuteLocalActivityAsync<T>(activity, [about], new LocalActivityOptions
        {
            Summary = summary,
            StartToCloseTimeout = limit,
            RetryPolicy = retry,
            LocalRetryThreshold = LocalRetries,
        })
        : Workflow.ExecuteActivityAsync<T>(activity, [about], new ActivityOptions { Summary = summary, StartToCloseTimeout = limit, RetryPolicy = retry });

    private static TimeSpan Later(TimeSpan wait) => wait * 2 < LookAtLeastEvery ? wait * 2 : LookAtLeastEvery;
}
