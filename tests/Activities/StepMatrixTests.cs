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
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, string?>>>> Runs = new(StringComparer.Ordinal);

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            var steps = OnboardingSteps.All.Where(s => s.Applies(SandboxRun.Orders)).ToList();
            foreach (var condition in (string[])
                [StepMatrix.LostBefore, StepMatrix.LostAfter, StepMatrix.Refused, StepMatrix.Lagging, StepMatrix.FullPages, StepMatrix.Limits])
            {
                foreach (var row in steps.Select(s => s.Id).Concat(steps.Where(s => s.Undo is not null).Select(s => StepMatrix.UndoOf(s.Id))).Append(StepMatrix.Whole))
                    rows.Add(condition, row);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Holds(string condition, string row)
    {
        var rows = await Runs.GetOrAdd(condition, c => new Lazy<Task<IReadOnlyDictionary<string, string?>>>(() => new StepMatrix(c).RunAsync())).Value;

        rows.ShouldContainKey(row);
        rows[row].ShouldBeNull();
    }
}
