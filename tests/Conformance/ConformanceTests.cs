using Xunit.Abstractions;

namespace Onramp.Conformance.Tests;

/// <summary>
/// One test a scenario: the official TypeScript SDK drives our server, and what happens is what a real server did. All scenarios share one run.
/// </summary>
public sealed class ConformanceTests(SuiteRun run, ITestOutputHelper output) : IClassFixture<SuiteRun>
{
    /// <summary>The list in not-yet.txt may only shrink: lower this with it.</summary>
    private const int MostNotYet = 209;

    public static TheoryData<string> Expected => Suite.IsThere ? [.. Suite.Scenarios.Where(s => !Suite.NotYet.ContainsKey(s))] : ["all of them"];

    [SkippableTheory]
    [MemberData(nameof(Expected))]
    public void The_scenario_matches_the_real_servers_transcript(string scenario)
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);

        run.LineOf(scenario).ShouldBe($"ok {scenario}");
    }

    [SkippableFact]
    public void The_list_of_scenarios_not_matched_yet_only_shrinks()
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);
        output.WriteLine($"{Suite.Scenarios.Count - Suite.NotYet.Count} of {Suite.Scenarios.Count} scenarios are expected to match");

        Suite.NotYet.Count.ShouldBeLessThanOrEqualTo(MostNotYet);
        Suite.NotYet.Keys.Except(Suite.Scenarios, StringComparer.Ordinal).ShouldBeEmpty();
        Suite.NotYet.Where(entry => entry.Value.Length == 0).ShouldBeEmpty("each entry says what it needs");
    }
}
