using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>The laws of a step, shown for every row of the table: idempotent, safe when an answer is lost, undone exactly.</summary>
public sealed class EveryStepTests(UnpacedSandboxFixture fixture) : IClassFixture<UnpacedSandboxFixture>
{
    /// <summary>More calls than any step makes; the loops end when a fault meets no call any more.</summary>
    private const int MaxCalls = 60;

    private static readonly ServiceRequest Flux = SandboxRun.Orders;
    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };

    public static TheoryData<string> Steps => [.. OnboardingSteps.All.Select(s => s.Id)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Doing_it_twice_makes_nothing_twice(string step)
    {
        await using var run = await fixture.StartAsync(RequestFor(step));
        await run.DoUntilAsync(step);
        var first = await run.DoAsync(step);
        var keys = await run.SettledKeysAsync();

        var second = await run.DoAsync(step);

        await run.ShouldSettleAtAsync(keys);
        second.Resources.Select(r => (r.Kind, r.Id, r.Created)).ShouldBe(first.Resources.Select(r => (r.Kind, r.Id, r.Created)));
        (await run.CreatedMoreThanOnceAsync(after: 0)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_lost_answer_to_any_of_its_calls_doubles_nothing(string step)
    {
        await using var run = await fixture.StartAsync(RequestFor(step));
        await run.DoUntilAsync(step);
        var before = await run.SettledKeysAsync();
        var facts = run.Facts.ToDictionary();

        for (var call = 0; call < MaxCalls; call++)
        {
            await run.AddFaultAsync(new JsonObject { ["action"] = "drop", ["skip"] = call, ["times"] = 1 });
            var mark = await run.LedgerEndAsync();
            await run.DoAsync(step);
            var met = await TakeFaultAsync(run);
            (await run.CreatedMoreThanOnceAsync(mark)).ShouldBeEmpty($"call {call}");
            await run.UndoLastAsync(facts);
            if (step is not (StepIds.Files or StepIds.Pipeline))
                await run.ShouldSettleAtAsync(before);
            if (!met)
                return;
        }
        Assert.Fail($"{step} makes more than {MaxCalls} calls");
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_refusal_of_any_of_its_calls_leaves_nothing(string step)
    {
        await using var run = await fixture.StartAsync(RequestFor(step));
        var atFirst = await run.StateAsync();
        await run.DoUntilAsync(step);
        var before = await run.SettledKeysAsync();
        var facts = run.Facts.ToDictionary();

        for (var call = 0; call < MaxCalls; call++)
        {
            await run.AddFaultAsync(new JsonObject { ["action"] = "fail", ["status"] = 403, ["skip"] = call, ["times"] = 1 });
            var failure = await Record.ExceptionAsync(() => run.DoAsync(step));
            var met = await TakeFaultAsync(run);
            if (failure is not null)
                failure.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.PermissionDenied);
            await run.UndoLastAsync(facts);
            if (step is not (StepIds.Files or StepIds.Pipeline))
                await run.ShouldSettleAtAsync(before);
            if (!met)
                break;
        }
        await run.UndoAllAsync();

        (await run.StateAsync()).ShouldBe(atFirst);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_lost_answer_to_any_call_of_its_undo_leaves_nothing(string step)
    {
        await using var run = await fixture.StartAsync(RequestFor(step));
        await run.DoUntilAsync(step);
        var before = await run.SettledKeysAsync();
        var facts = run.Facts.ToDictionary();

        for (var call = 0; call < MaxCalls; call++)
        {
            await run.DoAsync(step);
            await run.AddFaultAsync(new JsonObject { ["action"] = "drop", ["skip"] = call, ["times"] = 1 });
            await run.UndoLastAsync(facts);
            var met = await TakeFaultAsync(run);
            if (step is not (StepIds.Files or StepIds.Pipeline))
                await run.ShouldSettleAtAsync(before);
            if (!met)
                return;
        }
        Assert.Fail($"undoing {step} makes more than {MaxCalls} calls");
    }

    private static ServiceRequest RequestFor(string step) => step == StepIds.ArgoCd ? ArgoCd : Flux;

    /// <summary>Removes the fault; whether a call met it.</summary>
    private static async Task<bool> TakeFaultAsync(SandboxRun run)
    {
        var used = (await run.FaultsAsync()).Single()!["used"]!.GetValue<long>();
        await run.ClearFaultsAsync();
        return used > 0;
    }
}
