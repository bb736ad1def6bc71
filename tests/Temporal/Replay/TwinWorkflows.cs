using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>
/// C# twins of the TypeScript workflows whose histories were recorded with the official worker on a real server. Each gives the commands
/// that its original gives.
/// </summary>
internal static class Twins
{
    public static readonly Type[] All =
    [
        typeof(Echo), typeof(Nothing), typeof(FailWhenTold), typeof(Failing), typeof(Fixable), typeof(WaitForFinish), typeof(CancelsWhenTold),
        typeof(IgnoresCancellation), typeof(CleansUpOnCancel), typeof(Sleeper), typeof(FailAttempts), typeof(CronCounter), typeof(DescribeSelf),
        typeof(RunActivity), typeof(ActivitiesInSequence), typeof(ActivitiesInParallel), typeof(CancelActivity), typeof(CancelActivityAtOnce),
        typeof(CancelTimerWorkflow), typeof(CancelTimerAtOnce), typeof(TimersInParallel), typeof(TimersInSequence), typeof(ConditionWithTimeout),
        typeof(CollectSignals), typeof(FirstSignalOnly), typeof(PatchedWorkflow), typeof(DeprecatedPatchWorkflow), typeof(Upserts),
        typeof(VersionTrail), typeof(TellVersion), typeof(VersionOfActivity),
    ];

    public static readonly ActivityOptions Quick = new() { StartToCloseTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>What tells how an outcome came about, as the originals tell it.</summary>
    public static string RootCause(Exception e) => e.InnerException is { } inner ? RootCause(inner) : e.Message;

    public static bool IsCanceled(Exception e) => TemporalException.IsCanceledException(e);
}

public abstract class FinishableWorkflow
{
    protected bool Finished { get; private set; }

    protected string? FinishValue { get; private set; }

    [WorkflowSignal("finish")]
    public Task FinishAsync(string? value = null)
    {
        Finished = true;
        FinishValue = value;
        return Task.CompletedTask;
    }
}

public sealed record FailureSpec(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string? Type = null,
    [property: JsonPropertyName("nonRetryable")] bool NonRetryable = false,
    [property: JsonPropertyName("details")] JsonElement[]? Details = null)
{
    public ApplicationFailureException ToException(string? message = null) =>
        new(message ?? Message, Type, NonRetryable, Details?.Cast<object?>().ToArray());
}

[Workflow("echo")]
public class Echo
{
    [WorkflowRun]
    public Task<JsonElement> RunAsync(JsonElement value) => Task.FromResult(value);
}

[Workflow("nothing")]
public class Nothing
{
    [WorkflowRun]
    public Task RunAsync() => Task.CompletedTask;
}

[Workflow("failing")]
public class Failing
{
    [WorkflowRun]
    public Task RunAsync(FailureSpec spec) => throw spec.ToException();
}

[Workflow("fixable")]
public class Fixable
{
    [WorkflowRun]
    public Task<string> RunAsync() => Task.FromResult("fixed");
}

[Workflow("waitForFinish")]
public class WaitForFinish : FinishableWorkflow
{
    [WorkflowRun]
    public async Task<string?> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => Finished);
        return FinishValue;
    }
}

[Workflow("failWhenTold")]
public class FailWhenTold : FinishableWorkflow
{
    [WorkflowRun]
    public async Task RunAsync(FailureSpec spec)
    {
        await Workflow.WaitConditionAsync(() => Finished);
        throw spec.ToException();
    }
}

[Workflow("cancelsWhenTold")]
public class CancelsWhenTold : FinishableWorkflow
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => Finished, CancellationToken.None);
        return Workflow.CancellationToken.IsCancellationRequested ? throw new CanceledFailureException("cancelled when told") : "completed";
    }
}

[Workflow("ignoresCancellation")]
public class IgnoresCancellation : FinishableWorkflow
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => Finished, CancellationToken.None);
        return Workflow.CancellationToken.IsCancellationRequested ? "completed despite cancellation" : "completed";
    }
}

[Workflow("cleansUpOnCancel")]
public class CleansUpOnCancel
{
    [WorkflowRun]
    public async Task RunAsync()
    {
        try
        {
            await Workflow.WaitConditionAsync(() => false);
        }
        catch (Exception e) when (Twins.IsCanceled(e))
        {
            await Workflow.ExecuteActivityAsync(
                "echo", ["cleaned up"], new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), CancellationToken = CancellationToken.None });
            throw;
        }
    }
}

[Workflow("sleeper")]
public class Sleeper
{
    [WorkflowRun]
    public async Task<string> RunAsync(int milliseconds)
    {
        await Workflow.DelayAsync(milliseconds);
        return "slept";
    }
}

[Workflow("failAttempts")]
public class FailAttempts
{
    [WorkflowRun]
    public Task<int> RunAsync(int failures, FailureSpec spec)
    {
        var attempt = Workflow.Info.Attempt;
        return attempt <= failures ? throw spec.ToException($"{spec.Message} {attempt}") : Task.FromResult(attempt);
    }
}

[Workflow("cronCounter")]
public class CronCounter
{
    [WorkflowRun]
    public Task<int> RunAsync() => Task.FromResult(
        (Workflow.Info.LastResult is { } last ? Workflow.PayloadConverter.ToValue<int>(last.Single()) : 0) + 1);
}

/// <summary>Only the part of the original's answer that this SDK's info has in the same form.</summary>
[Workflow("describeSelf")]
public class DescribeSelf
{
    [WorkflowRun]
    public Task<string> RunAsync() => Task.FromResult(Workflow.Info.WorkflowId);
}

[Workflow("timersInSequence")]
public class TimersInSequence
{
    [WorkflowRun]
    public async Task<int> RunAsync(int count, int milliseconds)
    {
        for (var i = 0; i < count; i++)
        {
            await Workflow.DelayAsync(milliseconds);
        }

        return count;
    }
}

[Workflow("timersInParallel")]
public class TimersInParallel
{
    [WorkflowRun]
    public async Task<List<int>> RunAsync(int[] lengths)
    {
        var fired = new List<int>();
        await Workflow.WhenAllAsync(lengths.Select(async length =>
        {
            await Workflow.DelayAsync(length);
            fired.Add(length);
        }));
        return fired;
    }
}

[Workflow("conditionWithTimeout")]
public class ConditionWithTimeout
{
    [WorkflowRun]
    public Task<bool> RunAsync(int milliseconds) => Workflow.WaitConditionAsync(() => false, milliseconds);
}

[Workflow("cancelTimer")]
public class CancelTimerWorkflow
{
    private bool cancelRequested;

    [WorkflowSignal("cancel-timer")]
    public Task CancelTimerAsync()
    {
        cancelRequested = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        using var scope = new CancellationTokenSource();
        var outcome = CancelTimerAtOnce.OutcomeAsync(scope.Token);
        await Workflow.WaitConditionAsync(() => cancelRequested);
        scope.Cancel();
        return await outcome;
    }
}

[Workflow("cancelTimerAtOnce")]
public class CancelTimerAtOnce
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        using var scope = new CancellationTokenSource();
        var outcome = OutcomeAsync(scope.Token);
        scope.Cancel();
        return await outcome;
    }

    internal static async Task<string> OutcomeAsync(CancellationToken token)
    {
        try
        {
            await Workflow.DelayAsync(TimeSpan.FromHours(1), token);
            return "fired";
        }
        catch (Exception e)
        {
            return Twins.IsCanceled(e) ? "cancelled" : "failed";
        }
    }
}

[Workflow("collectSignals")]
public class CollectSignals : FinishableWorkflow
{
    private readonly List<JsonElement> received = [];

    [WorkflowQuery("state")]
    public IReadOnlyCollection<JsonElement> State => received;

    [WorkflowSignal("add")]
    public Task AddAsync(JsonElement value)
    {
        received.Add(value);
        return Task.CompletedTask;
    }

    [WorkflowQuery("fail")]
    public string Fail() => throw new ApplicationFailureException("the query failed", "QueryFailure");

    [WorkflowQuery("describe")]
    public object Describe(string text, int number) => new { text, number, received = received.Count };

    [WorkflowRun]
    public async Task<IReadOnlyCollection<JsonElement>> RunAsync(int count = int.MaxValue)
    {
        await Workflow.WaitConditionAsync(() => Finished || received.Count >= count);
        return received;
    }
}

[Workflow("firstSignalOnly")]
public class FirstSignalOnly
{
    private readonly List<JsonElement> received = [];

    [WorkflowSignal("add")]
    public Task AddAsync(JsonElement value)
    {
        received.Add(value);
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<JsonElement> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => received.Count > 0);
        return received[0];
    }
}

[Workflow("patchedWorkflow")]
public class PatchedWorkflow
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        if (!Workflow.Patched("first-change"))
        {
            return "old path";
        }

        var first = await Workflow.ExecuteActivityAsync<string>("echo", ["new path"], Twins.Quick);
        return Workflow.Patched("second-change") ? $"{first}, twice" : first;
    }
}

[Workflow("deprecatedPatchWorkflow")]
public class DeprecatedPatchWorkflow
{
    [WorkflowRun]
    public Task<string> RunAsync()
    {
        Workflow.DeprecatePatch("first-change");
        return Workflow.ExecuteActivityAsync<string>("echo", ["only path"], Twins.Quick);
    }
}

[Workflow("versionTrail")]
public class VersionTrail : FinishableWorkflow
{
    private readonly List<string> trail = [];

    [WorkflowSignal("note-version")]
    public Task NoteVersionAsync()
    {
        trail.Add(TellVersion.BuildId);
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<List<string>> RunAsync()
    {
        trail.Add(TellVersion.BuildId);
        await Workflow.WaitConditionAsync(() => Finished);
        return [.. trail, TellVersion.BuildId];
    }
}

[Workflow("tellVersion")]
public class TellVersion
{
    internal static string BuildId => Workflow.CurrentDeploymentVersion?.BuildId ?? "unversioned";

    [WorkflowRun]
    public Task<string> RunAsync() => Task.FromResult(BuildId);
}

[Workflow("versionOfActivity")]
public class VersionOfActivity : FinishableWorkflow
{
    [WorkflowRun]
    public async Task<string[]> RunAsync(string? taskQueue = null)
    {
        await Workflow.WaitConditionAsync(() => Finished);
        var build = await Workflow.ExecuteActivityAsync<string>(
            "whichBuild", [], new() { StartToCloseTimeout = TimeSpan.FromSeconds(20), TaskQueue = taskQueue });
        return [build, TellVersion.BuildId];
    }
}
