using Temporalio.Workflows;

namespace Onramp.Workflows.Display;

/// <summary>Waiting, with a word of what for: without it a timer is only a number in Temporal's UI.</summary>
internal static class Waits
{
    public static Task DelayAsync(TimeSpan time, string whatFor, CancellationToken cancellationToken) =>
        Workflow.DelayWithOptionsAsync(new DelayOptions(time, Cut(whatFor), cancellationToken));

    /// <summary>Waits until it is so, or a time has passed; the time is the workflow's own cancellation's, if no other is given.</summary>
    /// <returns>Whether it is so.</returns>
    public static Task<bool> UntilAsync(Func<bool> isSo, TimeSpan limit, string whatHappensThen, CancellationToken? cancellationToken = null) =>
        Workflow.WaitConditionWithOptionsAsync(new WaitConditionOptions(isSo, limit, Cut(whatHappensThen), cancellationToken));

    private static string Cut(string text) => Markdown.Cut(text, Markdown.MaximumSummaryBytes);
}
