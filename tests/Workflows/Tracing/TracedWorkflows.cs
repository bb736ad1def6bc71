using Temporalio.Activities;
using Temporalio.Workflows;

namespace Onramp.Workflows.Tests.Tracing;

/// <summary>Does a step of its own and one for a signal, and starts a child; says what its next run would be given.</summary>
[Workflow]
public sealed class TracedWorkflow
{
    private static readonly ActivityOptions Step = new() { StartToCloseTimeout = TimeSpan.FromSeconds(30) };

    private bool released;

    [WorkflowRun]
    public async Task RunAsync()
    {
        await Workflow.ExecuteActivityAsync(() => TracedActivities.Step("run"), Step);
        await Workflow.StartChildWorkflowAsync((TracedWorkflow child) => child.RunAsync());
        await Workflow.WaitConditionAsync(() => released);
        await Workflow.ExecuteActivityAsync(() => TracedActivities.Step("after the signal"), Step);
        Workflow.CreateContinueAsNewException((TracedWorkflow next) => next.RunAsync());
    }

    [WorkflowSignal]
    public async Task ReleaseAsync()
    {
        await Workflow.ExecuteActivityAsync(() => TracedActivities.Step("signal"), Step);
        released = true;
    }
}

public static class TracedActivities
{
    /// <summary>Puts its name on the span it runs in.</summary>
    [Activity]
    public static void Step(string name) => System.Diagnostics.Activity.Current?.SetTag("step.name", name);
}
