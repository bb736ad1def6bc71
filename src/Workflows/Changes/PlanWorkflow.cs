using Onramp.Workflows.Services;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>What a change would do, without doing it: the same activities, and an end.</summary>
[Workflow(ServiceContract.PlanWorkflowType)]
public sealed class PlanWorkflow
{
    [WorkflowRun]
    public Task<ChangePlan> RunAsync(ChangeInput input) =>
        new ChangeCalls(new ChangeState(input)).PlanAsync(input.Snapshot, Workflow.CancellationToken);
}
