using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>
/// The two promises of a run, for every step, on the real parts: a permanent failure leaves the systems as they were; answers
/// lost after the calls were applied double nothing. Which calls a step makes is read from the ledger of a run without faults.
/// </summary>
public sealed class EveryStepWholeRunTests(SandboxFixture fixture) : WholeRunTestBase(fixture), IClassFixture<SandboxFixture>
{
    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };
    private static readonly Dictionary<string, IReadOnlyList<Mutation>> Known = new(StringComparer.Ordinal);
    private static readonly SemaphoreSlim Gate = new(1);

    public static TheoryData<string> Steps => [.. OnboardingSteps.All.Where(s => s.Undo is not null).Select(s => s.Id)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_permanent_failure_leaves_the_systems_as_they_were(string step)
    {
        var mutations = await MutationsAsync(step);
        await using var run = await StartAsync(RequestFor(step));
        var before = await run.StateAsync();
        var (fault, type) = mutations[^1].Refusal();
        await run.AddFaultAsync(fault);

        var failure = await Should.ThrowAsync<WorkflowFailedException>(() => ExecuteAsync(run));

        failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(type);
        (await run.FaultsAsync()).Single()!["used"]!.GetValue<long>().ShouldBe(1);
        (await run.StateAsync()).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Lost_answers_double_nothing(string step)
    {
        var mutations = await MutationsAsync(step);
        await using var run = await StartAsync(RequestFor(step));
        foreach (var mutation in mutations)
            await run.AddFaultAsync(mutation.Fault("drop"));

        var progress = await ExecuteAsync(run);

        progress.Status.ShouldBe(OnboardingStatus.Completed);
        (await run.FaultsAsync()).ShouldAllBe(f => f!["used"]!.GetValue<long>() == 1);
        (await run.CreatedMoreThanOnceAsync(after: 0)).ShouldBeEmpty();
    }

    private static ServiceRequest RequestFor(string step) => step == StepIds.ArgoCd ? ArgoCd : SandboxRun.Orders;

    /// <summary>What a step changes, each kind of call once, in order.</summary>
    private async Task<IReadOnlyList<Mutation>> MutationsAsync(string step)
    {
        var request = RequestFor(step);
        await Gate.WaitAsync();
        try
        {
            if (!Known.TryGetValue(request.Features.GitOps, out var all))
            {
                await using var run = await StartAsync(request);
                await ExecuteAsync(run, OnboardingContract.WorkflowIdPrefix + "without-faults");
                all = [.. (await run.LedgerAsync()).Select(e => Mutation.Read(e!)).OfType<Mutation>().Distinct()];
                Known[request.Features.GitOps] = all;
            }
            var own = all.Where(m => m.Step == step).ToList();
            own.ShouldNotBeEmpty();
            return own;
        }
        finally
        {
            Gate.Release();
        }
    }
}
