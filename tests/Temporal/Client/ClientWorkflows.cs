using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Client;

[Workflow]
public class GreetWorkflow
{
    [WorkflowRun]
    public Task<string> RunAsync(string name) => Task.FromResult($"Hello, {name}!");
}

[Workflow]
public class WaitingWorkflow
{
    private readonly List<string> received = [];
    private bool released;

    [WorkflowQuery]
    public int Count => received.Count;

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => released);
        return string.Join(',', received);
    }

    [WorkflowSignal]
    public Task AddAsync(string text)
    {
        received.Add(text);
        return Task.CompletedTask;
    }

    [WorkflowSignal("release")]
    public Task ReleaseNowAsync()
    {
        released = true;
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public string At(int index) => received[index];
}

[Workflow]
public class SecondAttemptWorkflow
{
    [WorkflowRun]
    public Task<int> RunAsync() =>
        Workflow.Info.Attempt > 1 ? Task.FromResult(Workflow.Info.Attempt) : throw new ApplicationFailureException("not yet");
}

[Workflow]
public class FailingWorkflow
{
    [WorkflowRun]
    public Task RunAsync(string message) =>
        throw new ApplicationFailureException(message, new InvalidOperationException("the cause"), errorType: "Odd", details: [7]);
}
