using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Bench;

/// <summary>Five activities, one after the other, one that is completed by hand meanwhile, and whatever signals and updates come; ends when it is told to.</summary>
[Workflow]
public sealed class StormWorkflow
{
    public const int Activities = 5;

    /// <summary>The signal that is noted.</summary>
    public const string Note = "Note";

    /// <summary>The signal that ends it.</summary>
    public const string End = "End";

    private readonly List<string> _seen = [];
    private bool _isOver;

    [WorkflowRun]
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var byHand = CompletedByHandAsync();
        for (var step = 0; step < Activities; step++)
        {
            _seen.Add(await Workflow.ExecuteActivityAsync(() => StormActivities.Do(step), Options(null)));
        }

        await byHand;
        await Workflow.WaitConditionAsync(() => _isOver && Workflow.AllHandlersFinished);
        return _seen;
    }

    [WorkflowSignal(Note)]
    public Task NoteAsync(string what)
    {
        _seen.Add(what);
        return Task.CompletedTask;
    }

    [WorkflowSignal(End)]
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

    private async Task CompletedByHandAsync() =>
        _seen.Add(await Workflow.ExecuteActivityAsync(() => StormActivities.WaitForHand(), Options(StormActivities.ByHand)));

    /// <summary>A task whose worker never got it is given out again soon.</summary>
    private static ActivityOptions Options(string? id) => new()
    {
        ActivityId = id,
        StartToCloseTimeout = TimeSpan.FromSeconds(5),
        RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(50), BackoffCoefficient = 1 },
    };
}

/// <summary>The activities of <see cref="StormWorkflow"/>.</summary>
public static class StormActivities
{
    /// <summary>The id of the activity that somebody else completes, and its result.</summary>
    public const string ByHand = "by hand";

    [Activity]
    public static string Do(int step) => $"step {step}";

    [Activity]
    public static string WaitForHand() => throw new CompleteAsyncException();
}
