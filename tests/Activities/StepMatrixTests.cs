using System.Collections.Concurrent;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;

namespace Onramp.Activities.Tests;

/// <summary>
/// Every step and every undo under every condition: it comes to what it should, makes nothing twice, and when all is undone the systems are as they
/// were, those of others too. A condition is one run that meets it at each step; its rows are told apart by name.
/// </summary>
public sealed class StepMatrixTests
{
    private static readonly string[] Conditions =
        [StepMatrix.LostBefore, StepMatrix.LostAfter, StepMatrix.Refused, StepMatrix.Lagging, StepMatrix.FullPages, StepMatrix.Limits];

    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };

    private static readonly ConcurrentDictionary<(string, string), Lazy<Task<IReadOnlyDictionary<string, string?>>>> Runs = new();

    /// <summary>All that a request delivered by Flux has, and what Argo CD makes of it.</summary>
    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var condition in Conditions)
            {
                var steps = OnboardingSteps.All.Where(s => s.Applies(SandboxRun.Orders)).ToList();
                foreach (var row in steps.Select(s => s.Id).Concat(steps.Where(s => s.Undo is not null).Select(s => StepMatrix.UndoOf(s.Id))).Append(StepMatrix.Whole))
                    rows.Add(Vocabulary.GitOpsFlux, condition, row);
                foreach (var row in (string[])[StepIds.ArgoCd, StepMatrix.UndoOf(StepIds.ArgoCd), StepMatrix.Whole])
                    rows.Add(Vocabulary.GitOpsArgoCd, condition, row);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Holds(string delivery, string condition, string row)
    {
        var request = delivery == Vocabulary.GitOpsArgoCd ? ArgoCd : SandboxRun.Orders;
        var rows = await Runs.GetOrAdd((delivery, condition), _ => new Lazy<Task<IReadOnlyDictionary<string, string?>>>(() => new StepMatrix(condition, request).RunAsync())).Value;

        rows.ShouldContainKey(row);
        rows[row].ShouldBeNull();
    }
}
