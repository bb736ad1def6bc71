using Temporalio.Activities;
using Temporalio.Workflows;

namespace Onramp.Bench;

/// <summary>One activity, then its result.</summary>
[Workflow]
public sealed class BenchWorkflow
{
    [WorkflowRun]
    public Task<string> RunAsync(string text) => Workflow.ExecuteActivityAsync(
        () => BenchActivities.Echo(text),
        new ActivityOptions { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
}

/// <summary>The activity of <see cref="BenchWorkflow"/>.</summary>
public static class BenchActivities
{
    [Activity]
    public static string Echo(string text) => text;
}
