using System.Collections.Concurrent;
using Temporalio.Activities;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Onramp.Temporal.Tests.Activities;

/// <summary>Activities that tell the test what they do, and do what it says.</summary>
public sealed class TestActivities
{
    public TaskCompletionSource<ActivityInfo> Started { get; private set; } = NewStarted();

    public TaskCompletionSource Paused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<ActivityCancelReason> CancelReasons { get; } = new();

    public bool SawShutdown { get; private set; }

    public void ExpectAnotherStart() => Started = NewStarted();

    [Activity]
    public static string Echo(string text) => text;

    [Activity]
    public static string FailUntil(int attempt) => ActivityExecutionContext.Current.Info.Attempt >= attempt
        ? $"attempt {ActivityExecutionContext.Current.Info.Attempt}"
        : throw new ApplicationFailureException("not yet", errorType: "NotYet");

    [Activity]
    public static void Fail(string type, bool nonRetryable) =>
        throw new ApplicationFailureException("failed", new InvalidOperationException("cause"), type, nonRetryable, details: ["detail"]);

    [Activity]
    public static async Task<string> ResumeAsync()
    {
        var context = ActivityExecutionContext.Current;
        var from = context.Info.HeartbeatDetails.Count > 0 ? await context.Info.HeartbeatDetailAtAsync<int>(0) : 0;
        if (from == 3)
        {
            return $"resumed at {from}";
        }

        // The second and third are too soon to be sent on their own.
        for (var i = 1; i <= 3; i++)
        {
            context.Heartbeat(i);
        }

        throw new ApplicationFailureException("again");
    }

    [Activity]
    public async Task<string> UntilCancelledAsync()
    {
        var context = ActivityExecutionContext.Current;
        Started.TrySetResult(context.Info);
        try
        {
            while (true)
            {
                context.Heartbeat("alive");
                await Task.Delay(20, context.CancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            CancelReasons.Enqueue(context.CancelReason);
            throw;
        }
    }

    [Activity]
    public async Task<string> UntilPausedAsync()
    {
        var context = ActivityExecutionContext.Current;
        Started.TrySetResult(context.Info);
        try
        {
            while (context.Info.Attempt == 1)
            {
                context.Heartbeat("alive");
                await Task.Delay(20, context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (context.CancelReason == ActivityCancelReason.Paused)
        {
            Paused.TrySetResult();
            throw;
        }

        return $"attempt {context.Info.Attempt}";
    }

    [Activity]
    public async Task<string> UntilReleasedAsync()
    {
        var context = ActivityExecutionContext.Current;
        using var registration = context.WorkerShutdownToken.Register(() =>
        {
            SawShutdown = true;
            Release.TrySetResult();
        });
        Started.TrySetResult(context.Info);
        await Release.Task.WaitAsync(context.CancellationToken);
        return "released";
    }

    [Activity]
    public string CompleteElsewhere()
    {
        Started.TrySetResult(ActivityExecutionContext.Current.Info);
        throw new CompleteAsyncException();
    }

    [Activity(Dynamic = true)]
    public static string Anything(IRawValue[] args) =>
        $"{ActivityExecutionContext.Current.Info.ActivityType}({ActivityExecutionContext.Current.PayloadConverter.ToValue<int>(args.Single())})";

    private static TaskCompletionSource<ActivityInfo> NewStarted() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
