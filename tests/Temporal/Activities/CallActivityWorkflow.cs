using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Activities;

/// <summary>What to call and how.</summary>
public sealed record ActivityCall(string Activity, object?[] Args)
{
    public int Attempts { get; init; } = 1;

    public TimeSpan StartToClose { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan? Heartbeat { get; init; }

    public string? Id { get; init; }
}

/// <summary>Calls one activity and returns what it returns.</summary>
[Workflow]
public class CallActivityWorkflow
{
    [WorkflowRun]
    public Task<string?> RunAsync(ActivityCall call) => Workflow.ExecuteActivityAsync<string?>(call.Activity, call.Args, new()
    {
        StartToCloseTimeout = call.StartToClose,
        HeartbeatTimeout = call.Heartbeat,
        ActivityId = call.Id,
        CancellationType = ActivityCancellationType.WaitCancellationCompleted,
        RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(1), MaximumAttempts = call.Attempts },
    });
}
