using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;

namespace Onramp.EndToEnd.Tests;

/// <summary>A stack on which one service was onboarded undisturbed, so that it is known what each step calls.</summary>
public sealed class RehearsedStack : StackFixture, IAsyncLifetime
{
    private const string Rehearsal = "rehearsal";

    private IReadOnlyList<LedgerEntry> ledger = [];

    /// <summary>Things that an undisturbed run makes, by kind.</summary>
    internal SortedDictionary<string, int> Made { get; private set; } = [];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        var before = await Sandbox.CountsAsync();
        var view = await OnboardAsync(Request(Rehearsal));
        view.Progress.Status.ShouldBe(OnboardingStatus.Completed, Describe(view));
        Made = Counts.Minus(await Sandbox.CountsAsync(), before);
        ledger = await Sandbox.LedgerAsync();
    }

    /// <summary>System, method and route of each call by which a step changes something.</summary>
    internal IReadOnlyList<(string System, string Method, string Route)> CallsOf(string step) =>
        [.. Ledgers.OfStep(ledger, step).Select(e => (e.System, e.Method, Ledgers.Route(e.Path, Rehearsal))).Distinct()];
}

/// <summary>For every step that changes something: what a permanent failure, and a lost answer, come to.</summary>
public sealed class EveryStepTests(RehearsedStack stack) : IClassFixture<RehearsedStack>
{
    /// <summary>What each system answers when it means no for good.</summary>
    private static readonly Dictionary<string, int> Refusals = new(StringComparer.Ordinal)
    {
        ["github"] = 422,
        ["azure"] = 400,
        ["keyvault"] = 400,
        ["kubernetes"] = 403,
        ["grafana"] = 400,
        ["catalog"] = 400,
    };

    public static TheoryData<string> Steps =>
        [.. OnboardingSteps.For(StackFixture.Request("any"), new PlatformProfile()).Where(s => s.Undo is not null).Select(s => s.Id)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_permanent_failure_leaves_everything_as_it_was(string step)
    {
        var call = stack.CallsOf(step).FirstOrDefault();
        call.Route.ShouldNotBeNull($"{step} changes nothing");
        await stack.Sandbox.ResetAsync();
        var before = await stack.Sandbox.StateAsync();
        await stack.Sandbox.FaultAsync(new { system = call.System, method = call.Method, route = call.Route, action = "fail", status = Refusals[call.System], times = 1 });
        try
        {
            var view = await stack.OnboardAsync(StackFixture.Request(Name("refused", step)));
            (await stack.Sandbox.FaultsMetAsync()).ShouldBe(1);
            (view.Progress.Status, view.Progress.Phase).ShouldBe((OnboardingStatus.Failed, OnboardingPhase.Compensated), StackFixture.Describe(view));
            view.Progress.Remediation.ShouldNotBeNullOrEmpty();
            view.Progress.Retryable.ShouldNotBeNull();
            (await stack.Sandbox.StateAsync()).ShouldBe(before, StackFixture.Describe(view));
        }
        finally
        {
            await stack.Sandbox.ClearFaultsAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task An_answer_lost_after_it_was_applied_doubles_nothing(string step)
    {
        var calls = stack.CallsOf(step);
        calls.ShouldNotBeEmpty($"{step} changes nothing");
        await stack.Sandbox.ResetAsync();
        var before = await stack.Sandbox.CountsAsync();
        var from = (await stack.Sandbox.LedgerAsync()).LastOrDefault()?.Sequence ?? 0;
        foreach (var (system, method, route) in calls)
            await stack.Sandbox.FaultAsync(new { system, method, route, action = "drop", times = 1 });
        try
        {
            var view = await stack.OnboardAsync(StackFixture.Request(Name("lost", step)));
            (await stack.Sandbox.FaultsMetAsync()).ShouldBe(calls.Count);
            view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
            Ledgers.CreatedTwice(await stack.Sandbox.LedgerAsync(from)).ShouldBeEmpty();
            Counts.Minus(await stack.Sandbox.CountsAsync(), before).ShouldBe(stack.Made);
        }
        finally
        {
            await stack.Sandbox.ClearFaultsAsync();
        }
    }

    /// <summary>A service of its own for each case: a run that ended otherwise than expected must not stand in the next one's way.</summary>
    private static string Name(string prefix, string step)
    {
        var name = $"{prefix}-{step}";
        return name[..Math.Min(30, name.Length)].TrimEnd('-');
    }
}

internal static class Counts
{
    /// <summary>What there is more of, by kind. What people were told is left out: telling them twice is better than not at all.</summary>
    public static SortedDictionary<string, int> Minus(SortedDictionary<string, int> after, SortedDictionary<string, int> before) => new(
        after.Where(a => !a.Key.StartsWith("chat/", StringComparison.Ordinal) && !a.Key.StartsWith("mail/", StringComparison.Ordinal))
            .Select(a => KeyValuePair.Create(a.Key, a.Value - before.GetValueOrDefault(a.Key)))
            .Where(d => d.Value != 0)
            .ToDictionary(StringComparer.Ordinal),
        StringComparer.Ordinal);
}
