using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Updates;

/// <summary>Takes amounts by update until it is told to close.</summary>
[Workflow]
public class Ledger
{
    private readonly List<int> entries = [];
    private bool closed;
    private int held;

    [WorkflowRun]
    public async Task<int> RunAsync(bool continuesOnce)
    {
        if (continuesOnce)
        {
            await Workflow.WaitConditionAsync(() => closed && Workflow.AllHandlersFinished);
            throw Workflow.CreateContinueAsNewException((Ledger w) => w.RunAsync(false));
        }

        await Workflow.WaitConditionAsync(() => closed && Workflow.AllHandlersFinished);
        return entries.Sum();
    }

    [WorkflowUpdate]
    public async Task<int> AddAsync(int amount)
    {
        entries.Add(amount);
        await Workflow.DelayAsync(1);
        return entries.Sum();
    }

    [WorkflowUpdateValidator(nameof(AddAsync))]
    public void ValidateAdd(int amount)
    {
        if (amount < 0)
        {
            throw new ArgumentException("amounts are positive");
        }
    }

    [WorkflowUpdate]
    public async Task<int> HoldAsync(int amount)
    {
        held++;
        await Workflow.WaitConditionAsync(() => held == 0);
        return amount;
    }

    [WorkflowUpdate]
    public Task RefuseAsync() => throw new ApplicationFailureException("refused", errorType: "Refused");

    [WorkflowSignal]
    public Task ReleaseAsync()
    {
        held = 0;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task CloseAsync()
    {
        closed = true;
        return Task.CompletedTask;
    }
}
