using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Bench;

/// <summary>Five activities, one after the other, and whatever signals and updates come; ends when it is told to.</summary>
[Workflow]
public sealed class StormWorkflow
{
    public const int Activities = 5;

    private readonly List<string> _seen = [];
    private bool _isOver;

    [WorkflowRun]
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        for (var step = 0; step < Activities; step++)
        {
            _seen.Add(await Workflow.ExecuteActivityAsync(
                () => StormActivities.Do(step),
                new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(5), RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(50) } }));
        }

        await Workflow.WaitConditionAsync(() => _isOver && Workflow.AllHandlersFinished);
        return _seen;
    }

    [WorkflowSignal]
    public Task NoteAsync(string what)
    {
        _seen.Add(what);
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task EndAsync()
    {
        _isOver = true;
        return Task.CompletedTask;
    }

    [WorkflowUpdate]
    public Task<string> AddAsync(string what)
    {
        if (_isOver)
        {
            throw new ApplicationFailureException("it is over");
        }

        _seen.Add(what);
        return Task.FromResult(what);
    }
}

/// <summary>The activities of <see cref="StormWorkflow"/>.</summary>
public static class StormActivities
{
    [Activity]
    public static string Do(int step) => $"step {step}";
}
