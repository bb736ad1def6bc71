using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Activities.Platform;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Planning;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>
/// Runs rows of the step table against a sandbox the way the workflow does (until ready, again after a retryable failure, facts
/// handed on), without a workflow: what is tested here is what the activities do to the systems.
/// </summary>
internal sealed class SandboxRun : IAsyncDisposable
{
    private const int MaxCalls = 400;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly IReadOnlyDictionary<string, MethodInfo> Methods = OnrampActivities.Types
        .SelectMany(t => t.GetMethods())
        .Where(m => m.GetCustomAttribute<ActivityAttribute>() is not null)
        .ToDictionary(m => m.GetCustomAttribute<ActivityAttribute>()!.Name!, StringComparer.Ordinal);

    private readonly SandboxHost sandbox;
    private readonly ServiceProvider services;
    private readonly HttpClient control;
    private readonly Dictionary<string, string> facts = new(StringComparer.Ordinal);
    private readonly List<(OnboardingStep Step, StepResult? Result)> begun = [];
    private readonly List<UndoResult> left = [];

    private SandboxRun(SandboxHost sandbox, ServiceProvider services, ServiceRequest request, string runId)
    {
        this.sandbox = sandbox;
        this.services = services;
        RunId = runId;
        control = new HttpClient { BaseAddress = sandbox.Control };
        Platform = services.GetRequiredService<PlatformActivities>().Describe();
        Request = request;
        Names = NameDeriver.Derive(request, Platform);
        Steps = OnboardingSteps.For(request, Platform);
    }

    public static ServiceRequest Orders { get; } = new()
    {
        RequestId = "req-1",
        Name = "orders",
        Description = "Takes orders",
        Team = "payments",
        Requester = "ada",
        Environment = Vocabulary.Development,
        CostCenter = "cc-42",
        Dependencies = ["stock"],
    };

    public ServiceRequest Request { get; }
    public PlatformProfile Platform { get; }
    public ServiceNames Names { get; }
    public IReadOnlyList<OnboardingStep> Steps { get; }
    public string RunId { get; }
    public IReadOnlyDictionary<string, string> Facts => facts;
    public SandboxHost Sandbox => sandbox;

    /// <summary>The table's rows in an order that keeps what comes after what.</summary>
    public IEnumerable<OnboardingStep> InOrder()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        while (Steps.FirstOrDefault(s => !done.Contains(s.Id) && s.After.All(done.Contains)) is { } next)
        {
            yield return next;
            done.Add(next.Id);
        }
    }

    public static SandboxRun Create(
        SandboxHost sandbox,
        ServiceRequest? request = null,
        string runId = "run-1",
        Action<IServiceCollection>? configure = null,
        params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(SandboxSettings.For(sandbox))
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)))
            .Build();
        var services = new ServiceCollection().AddOnrampActivities(configuration);
        configure?.Invoke(services);
        return new SandboxRun(sandbox, services.BuildServiceProvider(), request ?? Orders, runId);
    }

    public object Service(Type type) => services.GetRequiredService(type);

    public T Service<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Does every step that comes before this one in the order.</summary>
    public async Task DoUntilAsync(string stepId)
    {
        foreach (var step in InOrder().TakeWhile(s => s.Id != stepId))
            await DoAsync(step.Id);
    }

    /// <summary>Waits until exactly this exists: controllers and removals take a moment.</summary>
    public async Task ShouldSettleAtAsync(IReadOnlyList<string> keys)
    {
        IReadOnlyList<string> now = [];
        for (var looks = 0; looks < 100; looks++)
        {
            now = await KeysAsync();
            if (now.SequenceEqual(keys, StringComparer.Ordinal))
                return;
            await Task.Delay(Pause);
        }
        now.Except(keys).ShouldBeEmpty("left over");
        keys.Except(now).ShouldBeEmpty("gone");
    }

    /// <summary>Waits until two looks see the same.</summary>
    public async Task<IReadOnlyList<string>> SettledKeysAsync()
    {
        var last = await KeysAsync();
        for (var same = 0; same < 5;)
        {
            await Task.Delay(Pause);
            var now = await KeysAsync();
            same = now.SequenceEqual(last, StringComparer.Ordinal) ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    /// <summary>Forgets that the newest step was begun, with what it told.</summary>
    public async Task UndoLastAsync(IReadOnlyDictionary<string, string> factsBefore)
    {
        var (step, result) = begun[^1];
        begun.RemoveAt(begun.Count - 1);
        if (step.Undo is not null)
            await UndoAsync(step, result);
        facts.Clear();
        foreach (var (name, value) in factsBefore)
            facts[name] = value;
    }

    /// <summary>How often each thing was created, by the ledger, and not removed again.</summary>
    public async Task<IReadOnlyList<string>> CreatedMoreThanOnceAsync(long after)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var change in (await LedgerAsync()).Where(e => e!["sequence"]!.GetValue<long>() > after).SelectMany(e => e!["changes"]!.AsArray()))
        {
            var key = $"{change!["system"]} {change["kind"]} {change["key"]}";
            counts[key] = counts.GetValueOrDefault(key) + (change["change"]!.ToString() switch { "created" => 1, "deleted" => -1, _ => 0 });
        }
        return [.. counts.Where(c => c.Value > 1).Select(c => c.Key)];
    }

    public async Task<long> LedgerEndAsync() => (await LedgerAsync()).LastOrDefault()?["sequence"]!.GetValue<long>() ?? 0;

    /// <summary>What steps that aren't done here would have told.</summary>
    public void Know(params (string Name, string Value)[] told)
    {
        foreach (var (name, value) in told)
            facts[name] = value;
    }

    /// <summary>What is seen before anybody is asked.</summary>
    public async Task<LookAhead> LookAheadAsync() => (LookAhead)(await CallAsync(ActivityNames.LookAhead, [Input(StepIds.Plan)]))!;

    /// <summary>What approvers are shown.</summary>
    public async Task<IReadOnlyList<PlannedResource>> PlanAsync() => Planner.Plan(Request, Names, Platform, await LookAheadAsync()).Resources;

    public async Task DoAllAsync()
    {
        foreach (var step in InOrder())
            await DoAsync(step.Id);
    }

    /// <summary>Does one step until it is ready; retryable failures are tried again, a permanent one is thrown.</summary>
    public async Task<StepResult> DoAsync(string stepId)
    {
        var step = Steps.Single(s => s.Id == stepId);
        var index = begun.Count;
        begun.Add((step, null));
        for (var calls = 0; calls < MaxCalls; calls++)
        {
            try
            {
                var result = (StepResult)(await CallAsync(step.Do, [Input(stepId)]))!;
                begun[index] = (step, result);
                foreach (var (name, value) in result.Facts)
                    facts[name] = value;
                if (result.Ready)
                    return result;
                if (result.Immediately)
                    continue;
            }
            catch (ApplicationFailureException e) when (!IsFinal(e))
            {
                LastFailure = e;
                await Wait(e);
                continue;
            }
            await Wait(null);
        }
        throw new TimeoutException($"{stepId} is not ready after {MaxCalls} calls: {begun[index].Result?.WaitingFor} {LastFailure?.Message}");
    }

    public ApplicationFailureException? LastFailure { get; private set; }

    /// <summary>Ends when a step that isn't ready, or has failed so, is to be tried again.</summary>
    public Func<ApplicationFailureException?, Task> Wait { get; set; } = static _ => Task.Delay(Pause);

    /// <summary>Failures that are thrown although they may be tried again.</summary>
    public Func<ApplicationFailureException, bool> IsFinal { get; set; } = static e => e.NonRetryable;

    /// <summary>What undos have left.</summary>
    public IReadOnlyList<UndoResult> Left => left;

    /// <summary>Undoes a step whose outcome is unknown.</summary>
    public Task CallUndoAsync(string stepId) => UndoAsync(Steps.Single(s => s.Id == stepId), null);

    /// <summary>Undoes what was begun, newest first.</summary>
    public async Task UndoAllAsync(Func<OnboardingStep, Task>? before = null)
    {
        for (var i = begun.Count - 1; i >= 0; i--)
        {
            if (begun[i].Step.Undo is null)
                continue;
            await (before?.Invoke(begun[i].Step) ?? Task.CompletedTask);
            await UndoAsync(begun[i].Step, begun[i].Result);
        }
        begun.Clear();
    }

    public async Task UndoAsync(OnboardingStep step, StepResult? result)
    {
        for (var calls = 0; calls < MaxCalls; calls++)
        {
            try
            {
                var undone = (UndoResult)(await CallAsync(step.Undo!, [Input(step.Id), result]))!;
                if (undone.Ready)
                {
                    if (undone.Left is not null)
                        left.Add(undone);
                    return;
                }
            }
            catch (ApplicationFailureException e) when (!IsFinal(e))
            {
                LastFailure = e;
            }
            await Task.Delay(Pause);
        }
        throw new TimeoutException($"{step.Id} is not undone after {MaxCalls} calls: {LastFailure?.Message}");
    }

    public StepInput Input(string stepId) => new()
    {
        Key = new StepKey
        {
            WorkflowId = OnboardingContract.WorkflowId(Request.Name, Request.Environment),
            RunId = RunId,
            Step = stepId,
            RunStartedAt = new DateTimeOffset(2026, 11, 21, 5, 0, 0, TimeSpan.Zero),
        },
        Request = Request,
        Names = Names,
        Platform = Platform,
        Facts = facts,
    };

    /// <summary>Calls one activity once.</summary>
    public async Task<object?> CallAsync(string activity, object?[] args)
    {
        var method = Methods[activity];
        var task = (Task)method.Invoke(services.GetRequiredService(method.DeclaringType!), args)!;
        await task;
        return task.GetType().GetProperty("Result")?.GetValue(task);
    }

    /// <summary>Everything that exists in the systems, as text with the same order each time. What was told can't be taken back.</summary>
    public async Task<string> StateAsync()
    {
        var state = await control.GetFromJsonAsync<JsonObject>("state");
        var exists = state!["exists"]!.AsObject();
        foreach (var told in new[] { "chat", "mail", "pagerduty" })
            exists.Remove(told);
        return exists.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>What was told by chat or mail, in order.</summary>
    public async Task<IReadOnlyList<JsonNode>> ToldAsync(string system)
    {
        var state = await control.GetFromJsonAsync<JsonObject>("state");
        return [.. state!["exists"]![system]?["message"]?.AsObject().Select(m => m.Value!) ?? []];
    }

    /// <summary>System, kind and key of everything that exists.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        var state = await control.GetFromJsonAsync<JsonObject>("state");
        return [.. from system in state!["exists"]!.AsObject()
                   from kind in system.Value!.AsObject()
                   from key in kind.Value!.AsObject()
                   select $"{system.Key} {kind.Key} {key.Key}"];
    }

    public async Task<JsonArray> LedgerAsync() => (await control.GetFromJsonAsync<JsonArray>("ledger"))!;

    public async Task AddFaultAsync(JsonObject fault)
    {
        using var response = await control.PostAsJsonAsync("faults", fault);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Asks the sandbox what no API of the real systems tells.</summary>
    public async Task<JsonObject> AskAsync(string what) => (await control.GetFromJsonAsync<JsonObject>(what))!;

    public async Task<JsonArray> FaultsAsync() => (await control.GetFromJsonAsync<JsonArray>("faults"))!;

    public Task ClearFaultsAsync() => control.DeleteAsync("faults");

    public Task ResetAsync() => control.PostAsync("reset", null);

    public async ValueTask DisposeAsync()
    {
        control.Dispose();
        await services.DisposeAsync();
    }
}
