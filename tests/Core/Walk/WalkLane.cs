using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Core.Tests.Walk;

/// <summary>
/// One environment of one service: asks for one change after another at random, and keeps a model of what must be there from the outcomes alone. That the
/// other environment does the same at the same time must not matter.
/// </summary>
internal sealed class WalkLane(World world, Api api, WalkOptions options, string service, string environment, Random random)
{
    /// <summary>Label whose value the model knows.</summary>
    private const string Label = "walk";

    private const int KeptSteps = 6;

    private int requests;
    private int values;

    /// <summary>What the lane did last, for what isn't as predicted.</summary>
    private readonly Queue<string> steps = new();

    /// <summary>The lane's newest change that was taken.</summary>
    private string? newest;

    public string Service => service;

    public string Environment => environment;

    public string Namespace => $"{service}-{(environment == "development" ? "dev" : environment)}";

    /// <summary>How it must stand; null: not there.</summary>
    public EnvironmentPhase? Phase { get; private set; }

    /// <summary>Value that the label must have; null: somebody took it away and no repair has succeeded since.</summary>
    public string? Value { get; private set; }

    public ConcurrentBag<(string ChangeId, string Outcome)> Ended { get; } = [];

    public ConcurrentBag<double> Answers { get; } = [];

    public ConcurrentBag<string> Wrong { get; } = [];

    public async Task WalkAsync(Func<bool> goesOn)
    {
        try
        {
            // Not all at once: a crowd at a door that has just opened is another test.
            await Task.Delay(options.Duration * (random.NextDouble() / 10));
            while (goesOn() && Wrong.IsEmpty)
                await StepAsync();
            await SettleAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Wrong.Add($"{service} {environment}, {Phase} at {DateTime.UtcNow:HH:mm:ss.fff}: {e}\n{await world.ExplainAsync(service)}");
        }
    }

    /// <summary>What is to retire goes before anybody looks.</summary>
    private async Task SettleAsync()
    {
        await StateAsync(s => s.Open.All(o => o.Change.Order.Environment != environment));
        if (Phase == EnvironmentPhase.Retiring)
            await GoneAsync();
    }

    private Task StepAsync() => (Phase, random.Next(100)) switch
    {
        (null, _) => OnboardAsync(),
        (EnvironmentPhase.Retiring, < 50) => RestoreAsync(),
        (EnvironmentPhase.Retiring, _) => GoneAsync(),
        (EnvironmentPhase.Interrupted, < 70) => RepairAsync(),
        (EnvironmentPhase.Interrupted, _) => QuietAsync(),
        (_, < 50) => ConfigureAsync(),
        (_, < 70) => DriftAsync(),
        _ => QuietAsync(),
    };

    private async Task OnboardAsync()
    {
        var value = Next();
        var body = new JsonObject
        {
            ["name"] = service, ["team"] = "payments", ["environment"] = environment, ["description"] = "Walks", ["labels"] = new JsonObject { [Label] = value },
        };
        if (await DoAsync(Api.Services, body) == ChangeOutcome.Completed)
            (Phase, Value) = (EnvironmentPhase.Active, value);
    }

    private async Task ConfigureAsync()
    {
        var value = Next();
        if (await DoAsync(Changes, Body("configure", value)) == ChangeOutcome.Completed)
            Value = value;
    }

    /// <summary>Somebody takes the label away by hand; a repair brings it back.</summary>
    private async Task DriftAsync()
    {
        await world.KubernetesPatientlyAsync("PATCH", $"/api/v1/namespaces/{Namespace}", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [Label] = null } } });
        Value = null;
        await RepairAsync();
    }

    private async Task RepairAsync()
    {
        if (await DoAsync(Changes, Body("repair")) == ChangeOutcome.Completed)
            await BelieveAsync(isRepaired: true);
    }

    private async Task QuietAsync()
    {
        if (await DoAsync(Changes, Body("offboard")) == ChangeOutcome.Completed)
            Phase = EnvironmentPhase.Retiring;
    }

    private async Task RestoreAsync()
    {
        if (await DoAsync(Changes, Body("restore"), mayBeLate: true) == ChangeOutcome.Completed)
            Phase = EnvironmentPhase.Active;
    }

    private async Task GoneAsync()
    {
        await StateAsync(s => !s.Environments.ContainsKey(environment) || s.Environments[environment].Phase == EnvironmentPhase.Interrupted);
        await BelieveAsync();
    }

    /// <summary>
    /// After what nobody can predict (a workflow stopped by an operator), the service's own word counts; what exists is held against it at the end. But a label that
    /// somebody took away is away until a repair has brought it back, whatever the service wants.
    /// </summary>
    private async Task BelieveAsync(bool isRepaired = false)
    {
        // What is published may be older than the lane's own change.
        var state = await StateAsync(s => s.Open.All(o => o.Change.Order.Environment != environment) && (newest is null || s.Ended.Any(e => e.Change.ChangeId == newest)));
        Phase = state.Environments.TryGetValue(environment, out var found) ? found.Phase : null;
        if (isRepaired || Value is not null)
            Value = state.Spec.Environment(environment)?.Labels.GetValueOrDefault(Label);
        if (Phase == EnvironmentPhase.Interrupted)
            Value = null;
        Note($"believed {Phase}");
    }

    private void Note(string what)
    {
        steps.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");
        if (steps.Count > KeptSteps)
            steps.Dequeue();
    }

    private string Changes => $"{Api.Services}/{service}/changes";

    private string Next() => $"v{++values}";

    private JsonObject Body(string kind, string? value = null)
    {
        var body = new JsonObject { ["kind"] = kind, ["environment"] = environment };
        if (value is not null)
            body["labels"] = new JsonObject { [Label] = value };
        return body;
    }

    /// <summary>Asks, now and then calls off or stops it, and waits for its end. Null: it was refused, as may be.</summary>
    private async Task<ChangeOutcome?> DoAsync(string path, JsonObject body, bool mayBeLate = false)
    {
        var by = $"{service}-{environment}";
        body["by"] = by;
        var began = Stopwatch.GetTimestamp();
        var (status, answer) = await api.AskAsync(path, body, $"{by}-{++requests}");
        Answers.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        var judged = status == HttpStatusCode.Accepted && answer["state"]!.ToString() == "taken" ? await JudgedAsync(by, $"{by}-{requests}") : null;
        if (judged is { Accepted: false })
            status = HttpStatusCode.Conflict;
        if (status == HttpStatusCode.Conflict && mayBeLate)
        {
            await GoneAsync();
            return null;
        }
        if (status != HttpStatusCode.Accepted)
        {
            Wrong.Add($"{service} {environment}, {Phase}: {(int)status} {answer.ToJsonString()} {judged?.Refusal} {judged?.Message}; before: {string.Join("; ", steps)}\n{await world.ExplainAsync(service)}");
            return null;
        }
        var change = newest = answer["changeId"]!.ToString();
        var meddling = MeddleAsync(change);
        var outcome = await EndAsync(change);
        await meddling;
        Ended.Add((change, outcome.ToString()));
        Note($"{body["kind"] ?? "onboard"} {change} {outcome}");
        if (outcome == ChangeOutcome.Interrupted)
            await BelieveAsync();
        return outcome;
    }

    /// <summary>A request that was only taken in time is judged later.</summary>
    private Task<RequestAnswer> JudgedAsync(string by, string key) =>
        world.Client.GetWorkflowHandle(Ids.Request(by, key)).GetResultAsync<RequestAnswer>().WaitAsync(options.Patience);

    private async Task<ChangeOutcome> EndAsync(string change)
    {
        var handle = world.Change(service, change);
        try
        {
            return await handle.GetResultAsync<ChangeOutcome>().WaitAsync(options.Patience);
        }
        catch (WorkflowFailedException e) when (e.InnerException is TerminatedFailureException)
        {
            return ChangeOutcome.Interrupted;
        }
        catch (WorkflowFailedException)
        {
            var memo = (await handle.DescribeAsync()).Memo[ChangeContract.ViewMemo];
            return (await memo.ToValueAsync<ChangeView>()).Outcome;
        }
    }

    private async Task MeddleAsync(string change)
    {
        var (what, when) = (random.NextDouble(), random.Next(400));
        var (cancels, terminates, stops) = (options.Cancels, options.Cancels + options.Terminates, options.Cancels + options.Terminates + options.Stops);
        if (what >= stops)
            return;
        await Task.Delay(when);
        if (what < cancels)
            await TryAsync(async () => { await world.CancelAsync(service, change); return ""; });
        else if (what < terminates)
            await TryAsync(async () => { await world.Change(service, change).TerminateAsync("by the walk"); return ""; });
        else
            await TryAsync(async () => { await world.Service(service).TerminateAsync("by the walk"); return ""; });
    }

    private Task<CarriedState> StateAsync(Func<CarriedState, bool> condition) =>
        world.KeptStateUntilAsync(service, condition, s => $"service is {Explanation.Service(s)}", options.Patience);

    /// <summary>What came too late, or was refused, is no matter.</summary>
    private static async Task<T?> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (e is RpcException or WorkflowUpdateFailedException)
        {
            return default;
        }
    }
}
