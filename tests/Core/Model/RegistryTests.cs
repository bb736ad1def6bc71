using Onramp.Activities.Capabilities;
using Onramp.Workflows.Capabilities;

namespace Onramp.Core.Tests.Model;

/// <summary>Capabilities that don't fit together are refused when the worker starts, and every fault is named.</summary>
public sealed class RegistryTests
{
    [Fact]
    public void What_is_there_fits_together_and_nothing_lists_it() => CapabilitySet.Types.Count.ShouldBeGreaterThanOrEqualTo(2);

    [Fact]
    public void A_circle_is_refused() => Refusal(Row("a", after: ["b"]), Row("b", after: ["a"])).ShouldContain("comes after itself");

    [Fact]
    public void Coming_after_nobody_is_refused() => Refusal(Row("a", after: ["b"])).ShouldContain("which nobody is");

    [Fact]
    public void An_input_that_nothing_before_makes_is_refused() => Refusal(Row("a"), Row("b") with { Needs = ["a.made"] }).ShouldContain("which nothing before it makes");

    [Fact]
    public void An_input_that_something_far_before_makes_is_taken() => new CapabilityRegistry(
        [Row("a") with { Makes = ["a.made"] }, Row("b", after: ["a"]), Row("c", after: ["b"]) with { Needs = ["a.made"] }]).Rows.Select(r => r.Id).ShouldBe(["a", "b", "c"]);

    [Fact]
    public void The_component_does_not_rest_on_one_environment() =>
        Refusal(Row("a"), Row("b", after: ["a"]) with { Scope = ScopeKind.Component }).ShouldContain("belongs to the component");

    private static string Refusal(params CapabilityRow[] rows) => Should.Throw<InvalidOperationException>(() => new CapabilityRegistry(rows)).Message;

    private static CapabilityRow Row(string id, string[]? after = null) =>
        new() { Id = id, Title = id, System = "nowhere", Scope = ScopeKind.Environment, After = after ?? [] };
}
