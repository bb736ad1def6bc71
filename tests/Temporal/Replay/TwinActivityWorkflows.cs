using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Which activity a twin calls, in the words of the TypeScript SDK.</summary>
public sealed record ActivityCall(
    [property: JsonPropertyName("activity")] string Activity,
    [property: JsonPropertyName("args")] JsonElement[]? Args = null,
    [property: JsonPropertyName("options")] ActivityCallOptions? Options = null,
    [property: JsonPropertyName("cancellationType")] string? CancellationType = null)
{
    public Task<JsonElement?> RunAsync(CancellationToken? cancellationToken = null) => Workflow.ExecuteActivityAsync<JsonElement?>(
        Activity,
        [.. (Args ?? []).Cast<object?>()],
        new()
        {
            // Timeouts are the server's affair; replay does not look at them.
            StartToCloseTimeout = TimeSpan.FromSeconds(20),
            TaskQueue = Options?.TaskQueue,
            ActivityId = Options?.ActivityId,
            Summary = Options?.Summary,
            CancellationToken = cancellationToken,
            CancellationType = CancellationType switch
            {
                "ABANDON" => ActivityCancellationType.Abandon,
                "WAIT_CANCELLATION_COMPLETED" => ActivityCancellationType.WaitCancellationCompleted,
                _ => ActivityCancellationType.TryCancel,
            },
        });
}

public sealed record ActivityCallOptions(
    [property: JsonPropertyName("taskQueue")] string? TaskQueue = null,
    [property: JsonPropertyName("activityId")] string? ActivityId = null,
    [property: JsonPropertyName("summary")] string? Summary = null);

[Workflow("runActivity")]
public class RunActivity
{
    [WorkflowRun]
    public Task<JsonElement?> RunAsync(ActivityCall call) => call.RunAsync();
}

[Workflow("activitiesInSequence")]
public class ActivitiesInSequence
{
    [WorkflowRun]
    public async Task<int> RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Workflow.ExecuteActivityAsync("noop", [], Twins.Quick);
        }

        return count;
    }
}

[Workflow("activitiesInParallel")]
public class ActivitiesInParallel
{
    [WorkflowRun]
    public async Task<int> RunAsync(int count)
    {
        var results = await Workflow.WhenAllAsync(
            Enumerable.Range(0, count).Select(i => Workflow.ExecuteActivityAsync<int>("echo", [i], Twins.Quick)));
        return results.Sum();
    }
}

[Workflow("cancelActivity")]
public class CancelActivity
{
    private bool cancelRequested;

    [WorkflowSignal("cancel-activity")]
    public Task CancelActivityAsync()
    {
        cancelRequested = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync(ActivityCall call)
    {
        using var scope = new CancellationTokenSource();
        var outcome = OutcomeAsync(call, scope.Token);
        await Workflow.WaitConditionAsync(() => cancelRequested);
        scope.Cancel();
        return await outcome;
    }

    private static async Task<string> OutcomeAsync(ActivityCall call, CancellationToken token)
    {
        try
        {
            var result = await call.RunAsync(token);
            return $"returned {result}";
        }
        catch (Exception e)
        {
            return Twins.IsCanceled(e) ? "cancelled" : $"failed: {Twins.RootCause(e)}";
        }
    }
}

[Workflow("cancelActivityAtOnce")]
public class CancelActivityAtOnce
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        using var scope = new CancellationTokenSource();
        var outcome = OutcomeAsync(scope.Token);
        scope.Cancel();
        return await outcome;
    }

    private static async Task<string> OutcomeAsync(CancellationToken token)
    {
        try
        {
            await Workflow.ExecuteActivityAsync(
                "echo", ["never run"], new() { StartToCloseTimeout = TimeSpan.FromSeconds(20), CancellationToken = token });
            return "returned";
        }
        catch (Exception e)
        {
            return Twins.IsCanceled(e) ? "cancelled" : "failed";
        }
    }
}

public sealed record UpsertStep(
    [property: JsonPropertyName("attributes")] AttributeUpdate[]? Attributes = null,
    [property: JsonPropertyName("memo")] Dictionary<string, JsonElement?>? Memo = null);

public sealed record AttributeUpdate(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("value")] JsonElement? Value)
{
    public SearchAttributeUpdate ToUpdate() => Type switch
    {
        "KEYWORD" => Of(SearchAttributeKey.CreateKeyword(Name), v => v.GetString()!),
        "TEXT" => Of(SearchAttributeKey.CreateText(Name), v => v.GetString()!),
        "INT" => Of(SearchAttributeKey.CreateLong(Name), v => v.GetInt64()),
        "DOUBLE" => Of(SearchAttributeKey.CreateDouble(Name), v => v.GetDouble()),
        "BOOL" => Of(SearchAttributeKey.CreateBool(Name), v => v.GetBoolean()),
        "DATETIME" => Of(SearchAttributeKey.CreateDateTimeOffset(Name), v => v.GetDateTimeOffset()),
        _ => Of(SearchAttributeKey.CreateKeywordList(Name), IReadOnlyCollection<string> (v) => [.. v.EnumerateArray().Select(e => e.GetString()!)]),
    };

    private SearchAttributeUpdate Of<T>(SearchAttributeKey<T> key, Func<JsonElement, T> read)
        where T : notnull =>
        Value is { ValueKind: not JsonValueKind.Null } value ? key.ValueSet(read(value)) : key.ValueUnset();
}

[Workflow("upserts")]
public class Upserts : FinishableWorkflow
{
    [WorkflowRun]
    public async Task<Dictionary<string, object?>> RunAsync(UpsertStep[] steps)
    {
        foreach (var step in steps)
        {
            if (step.Attributes is { } attributes)
            {
                Workflow.UpsertTypedSearchAttributes([.. attributes.Select(update => update.ToUpdate())]);
            }

            if (step.Memo is { } memo)
            {
                Workflow.UpsertMemo([.. memo.Select(field => field.Value is { } value
                    ? MemoUpdate.ValueSet(field.Key, value)
                    : MemoUpdate.ValueUnset(field.Key))]);
            }
        }

        await Workflow.WaitConditionAsync(() => Finished);
        return new()
        {
            ["memo"] = Workflow.Memo.ToDictionary(field => field.Key, field => Workflow.PayloadConverter.ToValue<JsonElement>(field.Value)),
            ["searchAttributes"] = Workflow.TypedSearchAttributes.UntypedValues.ToDictionary(field => field.Key.Name, field => field.Value),
        };
    }
}
