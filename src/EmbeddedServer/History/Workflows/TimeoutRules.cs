namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>How timeouts that were asked for become those that apply.</summary>
internal static class TimeoutRules
{
    private static readonly TimeSpan DefaultWorkflowTaskTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaximumWorkflowTaskTimeout = TimeSpan.FromSeconds(120);

    /// <summary>A run lasts no longer than its chain; 0 is no limit.</summary>
    public static TimeSpan RunTimeout(TimeSpan execution, TimeSpan run)
    {
        if (execution <= TimeSpan.Zero)
        {
            return run;
        }

        return run <= TimeSpan.Zero ? execution : Clock.Min(run, execution);
    }

    public static TimeSpan WorkflowTaskTimeout(TimeSpan task, TimeSpan run)
    {
        var timeout = Clock.Min(task <= TimeSpan.Zero ? DefaultWorkflowTaskTimeout : task, MaximumWorkflowTaskTimeout);
        return run > TimeSpan.Zero ? Clock.Min(timeout, run) : timeout;
    }
}
