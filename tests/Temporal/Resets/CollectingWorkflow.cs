using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Resets;

/// <summary>Collects what it is sent until it is told to end.</summary>
[Workflow]
public class CollectingWorkflow
{
    private readonly List<string> collected = [];
    private bool ends;

    [WorkflowQuery]
    public int Drawn { get; private set; }

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => ends);
        return string.Join(',', collected);
    }

    [WorkflowSignal]
    public Task AddAsync(string item)
    {
        collected.Add(item);
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task EndAsync()
    {
        ends = true;
        return Task.CompletedTask;
    }

    [WorkflowUpdate]
    public Task<int> CountAsync() => Task.FromResult(collected.Count);

    /// <summary>By a chance that a reset changes for what comes after its point, but not for what came before.</summary>
    [WorkflowUpdate]
    public Task<int> DrawAsync() => Task.FromResult(Drawn = Workflow.Random.Next());
}
