using Xunit.Abstractions;

namespace Onramp.Conformance.Tests;

/// <summary>
/// One test a scenario: the official TypeScript SDK drives our server, and what happens is what a real server did. All scenarios share one run.
/// </summary>
public sealed class ConformanceTests(SuiteRun run, ITestOutputHelper output) : IClassFixture<SuiteRun>
{
    /// <summary>The list in not-yet.txt may only shrink: lower this with it.</summary>
    private const int MostNotYet = 0;

    /// <summary>What the server declares not to have. A scenario goes to refused.txt for no other reason.</summary>
    private static readonly string[] NotInTheSubset = ["worker deployments", "Nexus", "standalone activities"];

    public static TheoryData<string> Expected => Suite.IsThere ? [.. Suite.Expected] : ["all of them"];

    [SkippableTheory]
    [MemberData(nameof(Expected))]
    public void The_scenario_matches_the_real_servers_transcript(string scenario)
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);

        run.LineOf(scenario).ShouldBe($"ok {scenario}");
    }

    public static TheoryData<string> Declared => Suite.IsThere ? [.. Suite.Declared.Keys] : ["all of them"];

    [SkippableTheory]
    [MemberData(nameof(Declared))]
    public void A_refused_scenario_differs_only_in_what_is_declared(string scenario)
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);

        run.DifferencesOf(scenario).Where(difference => !Suite.Declared[scenario].Any(may => may.IsMatch(difference))).ShouldBeEmpty();
    }

    [SkippableFact]
    public void The_list_of_scenarios_not_matched_yet_only_shrinks()
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);
        output.WriteLine($"{Suite.Expected.Count} of {Suite.Scenarios.Count} scenarios are expected to match");

        Suite.NotYet.Count.ShouldBeLessThanOrEqualTo(MostNotYet);
        Suite.NotYet.Keys.Except(Suite.Scenarios, StringComparer.Ordinal).ShouldBeEmpty();
        Suite.NotYet.Where(entry => entry.Value.Length == 0).ShouldBeEmpty("each entry says what it needs");
    }

    [SkippableFact]
    public void A_scenario_is_refused_only_for_what_the_server_declares_not_to_have()
    {
        Skip.IfNot(Suite.IsThere, Suite.WhatIsMissing);

        Suite.Refused.Keys.Except(Suite.Scenarios, StringComparer.Ordinal).ShouldBeEmpty();
        Suite.Refused.Where(entry => !NotInTheSubset.Any(feature => entry.Value.Contains(feature, StringComparison.Ordinal))).ShouldBeEmpty();
    }
}
