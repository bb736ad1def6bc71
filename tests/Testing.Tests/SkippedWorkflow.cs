using Temporalio.Activities;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Testing.Tests;

/// <summary>What one stage of a <see cref="SkippedWorkflow"/> does.</summary>
/// <param name="Sleep">A timer first.</param>
/// <param name="Activity">Then this activity; null for none.</param>
/// <param name="Retry">How long until the activity is tried again.</param>
/// <param name="Limit">How long an attempt may take.</param>
public sealed record Stage(TimeSpan Sleep, string? Activity = null, TimeSpan? Retry = null, TimeSpan? Limit = null);

/// <summary>Sleeps and works by turns, and tells at what times each stage was over, counted from the start.</summary>
[Workflow]
public sealed class SkippedWorkflow
{
    [WorkflowRun]
    public async Task<IReadOnlyList<TimeSpan>> RunAsync(IReadOnlyList<Stage> stages)
    {
        var began = Workflow.UtcNow;
        var times = new List<TimeSpan>();
        foreach (var stage in stages)
        {
            await Workflow.DelayAsync(stage.Sleep);
            if (stage.Activity is { } activity)
            {
                await Workflow.ExecuteActivityAsync(activity, [], new ActivityOptions
                {
                    StartToCloseTimeout = stage.Limit ?? TimeSpan.FromHours(100),
                    RetryPolicy = new RetryPolicy { InitialInterval = stage.Retry ?? TimeSpan.FromSeconds(1), BackoffCoefficient = 1 },
                });
            }

            times.Add(Workflow.UtcNow - began);
        }

        return times;
    }
}

/// <summary>Activities whose ends the test decides about.</summary>
public sealed class GatedActivities
{
    /// <summary>Ends once the activity has begun.</summary>
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the activity waits for.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Activity]
    public async Task Gated()
    {
        Begun.TrySetResult();
        await Gate.Task.WaitAsync(ActivityExecutionContext.Current.CancellationToken);
    }

    [Activity]
    public static void FailsTwice()
    {
        if (ActivityExecutionContext.Current.Info.Attempt < 3)
        {
            throw new InvalidOperationException("not yet");
        }
    }

    /// <summary>Its first attempt hangs.</summary>
    [Activity]
    public async Task HangsOnce()
    {
        Begun.TrySetResult();
        if (ActivityExecutionContext.Current.Info.Attempt == 1)
        {
            await Gate.Task;
        }
    }
}
