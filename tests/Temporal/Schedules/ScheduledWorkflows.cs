using Temporalio.Converters;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Schedules;

/// <summary>Counts on from the last of its kind.</summary>
[Workflow]
public class CountingWorkflow
{
    [WorkflowRun]
    public Task<int> RunAsync() => Task.FromResult((Workflow.Info.LastResult?.SingleOrDefault() is { } last ? Workflow.PayloadConverter.ToValue<int>(last) : 0) + 1);
}

/// <summary>Runs until it is asked to end.</summary>
[Workflow]
public class EndlessWorkflow
{
    [WorkflowRun]
    public Task RunAsync() => Workflow.WaitConditionAsync(() => false);
}
