using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>
/// One condition of <see cref="StepMatrixTests"/>, met by every step and by every undo of one run, beside what others have in the systems.
/// </summary>
internal sealed class StepMatrix(string condition, ServiceRequest request)
{
    public const string LostBefore = "request lost";
    public const string LostAfter = "answer lost";
    public const string Refused = "refused for good";
    public const string Lagging = "reads that lag";
    public const string FullPages = "first page full";
    public const string Limits = "two hits of each rate limit";
    public const string Whole = "the state as a whole";

    private static readonly Dictionary<string, string> Hosts = new(StringComparer.Ordinal)
    {
        [Systems.Delivery] = "kubernetes", [Systems.Onramp] = "kubernetes",
    };

    /// <summary>Steps that leave something which goes with the repository alone.</summary>
    private static readonly string[] GoWithRepository = [StepIds.Files, StepIds.Pipeline];

    private static readonly ConcurrentDictionary<ServiceRequest, Lazy<Task<(IReadOnlyList<Mutation> Done, IReadOnlyList<Mutation> Undone)>>> Rehearsals = new();

    private readonly Dictionary<string, string?> rows = new(StringComparer.Ordinal);

    public static string UndoOf(string step) => $"undo of {step}";

    /// <summary>What was wrong in each row; null: nothing.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> RunAsync()
    {
        var (done, undone) = await Rehearsals.GetOrAdd(request, wanted => new(() => RehearseAsync(wanted))).Value;
        await using var sandbox = await SandboxHost.StartAsync(Options());
        await Neighbours.MoveInAsync(sandbox);
        await using var run = NewRun(sandbox);
        var before = await SettledStateAsync(run);
        foreach (var step in run.InOrder())
            await RowAsync(step.Id, () => DoAsync(run, step, [.. done.Where(m => m.Step == step.Id)]));
        await run.UndoAllAsync(step => RowAsync(UndoOf(step.Id), () => MeetAsync(run, step, [.. undone.Where(m => m.Step == step.Id)], undo: true)));
        await RowAsync(Whole, async () => (await UntilAsync(run, before)).ShouldBe(before));
        return rows;
    }

    private async Task RowAsync(string row, Func<Task> act)
    {
        try
        {
            await act();
            rows[row] = null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            rows[row] = e.Message;
        }
    }

    private SandboxOptions Options()
    {
        var options = SandboxSettings.Fast();
        // It does in a minute what services do in a day.
        (options.GitHubWritesPerMinute, options.GitHubWritesPerHour) = (null, null);
        (options.AzureReadLag, options.AzureOperationDuration) = condition == Lagging
            ? (TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(20))
            : (TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        return options;
    }

    private SandboxRun NewRun(SandboxHost sandbox) => SandboxRun.Create(
        sandbox,
        request,
        configure: services =>
        {
            // A start that got no answer is awaited for a minute, and so is the end of a limit that doesn't say how long it lasts.
            if (condition is LostBefore or Limits)
                services.AddSingleton<TimeProvider>(new HurriedTime(60));
        },
        settings: ("Onramp:Azure:AbsenceConfirmation", sandbox.Options.AzureReadLag > TimeSpan.Zero ? "00:00:00.4" : "00:00:00.02"));

    private async Task DoAsync(SandboxRun run, OnboardingStep step, IReadOnlyList<Mutation> mutations)
    {
        if (condition == Refused && mutations.Count > 0)
            await RefuseAsync(run, step, mutations[^1]);
        var mark = await run.LedgerEndAsync();
        await MeetAsync(run, step, mutations, undo: false);
        await run.DoAsync(step.Id);
        var met = (await run.FaultsAsync()).Select(f => f!["used"]!.GetValue<long>()).ToList();
        await run.ClearFaultsAsync();
        (await run.CreatedMoreThanOnceAsync(mark)).ShouldBeEmpty();
        if (condition is LostBefore or LostAfter)
            met.ShouldAllBe(used => used == 1);
        if (condition == Limits && mutations.Count > 0)
            (met.Sum() > 0, run.LastFailure?.ErrorType).ShouldBe((true, ErrorTypes.RateLimited));
    }

    private static async Task RefuseAsync(SandboxRun run, OnboardingStep step, Mutation mutation)
    {
        var (fault, type) = mutation.Refusal();
        var (keys, facts) = (await run.SettledKeysAsync(), run.Facts.ToDictionary());
        await run.AddFaultAsync(fault);
        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(step.Id))).ErrorType.ShouldBe(type);
        await run.ClearFaultsAsync();
        await run.UndoLastAsync(facts);
        if (!GoWithRepository.Contains(step.Id))
            await run.ShouldSettleAtAsync(keys);
    }

    /// <summary>Sets what the step, or its undo, is to meet.</summary>
    private async Task MeetAsync(SandboxRun run, OnboardingStep step, IReadOnlyList<Mutation> mutations, bool undo)
    {
        await run.ClearFaultsAsync();
        var faults = condition switch
        {
            LostBefore => mutations.Select(m => m.Fault("dropBefore")),
            LostAfter => mutations.Select(m => m.Fault("drop")),
            Lagging when step.System == Systems.GitHub && !undo => [NotSeen(step.Id)],
            Limits => LimitsOf(Hosts.GetValueOrDefault(step.System, step.System)),
            _ => [],
        };
        foreach (var fault in faults)
            await run.AddFaultAsync(fault);
    }

    /// <summary>What was made a moment ago can't be seen: three reads of the repository, or of what is in it.</summary>
    private static JsonObject NotSeen(string step) => new()
    {
        ["system"] = "github", ["method"] = "GET", ["route"] = "/repos/acme/orders/{**rest}", ["action"] = "fail", ["status"] = 404,
        ["skip"] = step == StepIds.Repository ? 1 : 0, ["times"] = 3,
    };

    private static IEnumerable<JsonObject> LimitsOf(string system)
    {
        if (system == "github")
        {
            yield return Limit(system, 403, "API rate limit exceeded for user ID 1.", ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1"));
            yield return Limit(system, 403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.");
        }
        // Zero, since Azure's own client waits as long as it is told.
        yield return Limit(system, 429, null, ("Retry-After", "0"));
    }

    private static JsonObject Limit(string system, int status, string? message, params (string Name, string Value)[] headers)
    {
        var fault = new JsonObject
        {
            ["system"] = system, ["action"] = "fail", ["status"] = status, ["times"] = 2,
            ["headers"] = new JsonObject(headers.Select(h => KeyValuePair.Create<string, JsonNode?>(h.Name, h.Value))),
        };
        if (message is not null)
            fault["body"] = new JsonObject { ["message"] = message };
        return fault;
    }

    private static async Task<(IReadOnlyList<Mutation> Done, IReadOnlyList<Mutation> Undone)> RehearseAsync(ServiceRequest request)
    {
        var matrix = new StepMatrix("", request);
        await using var sandbox = await SandboxHost.StartAsync(matrix.Options());
        await Neighbours.MoveInAsync(sandbox);
        await using var run = matrix.NewRun(sandbox);
        await run.DoAllAsync();
        var end = await run.LedgerEndAsync();
        await run.UndoAllAsync();
        var ledger = (await run.LedgerAsync()).Select(e => (Sequence: e!["sequence"]!.GetValue<long>(), Mutation: Mutation.Read(e!))).Where(e => e.Mutation is not null).ToList();
        return (
            [.. ledger.Where(e => e.Sequence <= end).Select(e => e.Mutation!).Distinct()],
            [.. ledger.Where(e => e.Sequence > end).Select(e => e.Mutation!).Distinct()]);
    }

    private static async Task<string> SettledStateAsync(SandboxRun run)
    {
        await run.SettledKeysAsync();
        return await run.StateAsync();
    }

    /// <summary>The state once it is as wanted, or after some time as it is then.</summary>
    private static async Task<string> UntilAsync(SandboxRun run, string wanted)
    {
        var state = await run.StateAsync();
        for (var looks = 0; looks < 100 && state != wanted; looks++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            state = await run.StateAsync();
        }
        return state;
    }
}
