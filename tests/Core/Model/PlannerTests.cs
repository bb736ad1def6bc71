using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Onramp.Activities.Capabilities;
using Onramp.Activities.Planning;
using Onramp.Activities.Policy;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests.Model;

/// <summary>A plan is the difference between what is wanted and what is there, and nothing else.</summary>
public sealed class PlannerTests
{
    private static readonly CapabilitySet Set = new([new Plain("base", ScopeKind.Component), new Plain("house", ScopeKind.Environment, "base")]);

    [Fact]
    public void From_nothing_everything_is_created_in_order() =>
        PlanFor(ChangeKind.Onboard, _ => null).Actions.Select(a => (a.Id, a.Kind)).ShouldBe(
            [("base@component", ActionKind.Create), ("house@environment:staging", ActionKind.Create)]);

    [Property(MaxTest = 200)]
    public bool Applying_a_plan_leaves_nothing_to_do(bool[] there, byte[] values)
    {
        var labels = Labels(values);
        var input = InputFor(ChangeKind.Repair, t => Random(t, there, values), labels);
        var planner = NewPlanner();
        var plan = planner.Plan(input);
        var after = input with
        {
            Observed = [.. plan.Actions.Select(a => Seen(a.Capability, a.Scope, a.Name, a.Fields))],
            Snapshot = input.Snapshot with { Inventory = [.. plan.Actions.Select(a => new InventoryItem { Capability = a.Capability, Scope = a.Scope, Name = a.Name, Fields = a.Fields })] },
        };
        return planner.Plan(after).IsEmpty;
    }

    [Property(MaxTest = 200)]
    public bool The_same_input_gives_the_same_digest(bool[] there, byte[] values)
    {
        var planner = NewPlanner();
        var digests = Enumerable.Range(0, 2).Select(_ => planner.Plan(InputFor(ChangeKind.Repair, t => Random(t, there, values), Labels(values))).Digest);
        return digests.Distinct(StringComparer.Ordinal).Count() == 1;
    }

    [Fact]
    public void An_environments_removal_is_irreversible_and_leaves_what_the_environments_share() =>
        PlanFor(ChangeKind.Remove, t => Seen(t.Capability, t.Scope, t.Name, t.Fields)).Actions.Select(a => (a.Id, a.Kind, a.Irreversible)).ShouldBe(
            [("house@environment:staging", ActionKind.Remove, true)]);

    [Fact]
    public void What_the_environments_share_goes_when_there_is_none() =>
        PlanFor(ChangeKind.Clean, t => Seen(t.Capability, t.Scope, t.Name, t.Fields)).Actions.Select(a => (a.Id, a.Kind)).ShouldBe([("base@component", ActionKind.Remove)]);

    [Theory]
    [InlineData(ChangeKind.Configure)]
    [InlineData(ChangeKind.Repair)]
    [InlineData(ChangeKind.Restore)]
    public void What_was_asked_of_an_environment_that_is_gone_since_is_refused_and_not_made_anew(ChangeKind kind) =>
        new Resolver(Set).Resolve(new ResolveInput
        {
            Order = new ChangeOrder { Kind = kind, Environment = "staging" },
            Snapshot = new ServiceSnapshot { Spec = new ServiceSpec { Name = "orders", Team = "payments" } },
        }).Refusals.Select(r => r.Type).ShouldBe([ErrorTypes.ChangedMeanwhile]);

    [Fact]
    public void What_somebody_else_owns_is_refused() =>
        PlanFor(ChangeKind.Onboard, t => Seen(t.Capability, t.Scope, t.Name, t.Fields) with { Owner = "service:other/component" })
            .Refusals.Select(r => r.Type).ShouldAllBe(t => t == ErrorTypes.OwnedByOther);

    [Fact]
    public void What_is_nobodys_is_not_taken_unasked() =>
        PlanFor(ChangeKind.Onboard, t => Seen(t.Capability, t.Scope, t.Name, t.Fields) with { Owner = null }).Refusals.ShouldNotBeEmpty();

    [Fact]
    public void A_removal_leaves_alone_what_is_not_ours() =>
        PlanFor(ChangeKind.Remove, t => Seen(t.Capability, t.Scope, t.Name, t.Fields) with { Owner = "service:other/component" }).Actions.ShouldBeEmpty();

    [Fact]
    public void A_field_set_by_hand_makes_another_digest()
    {
        var planned = PlanFor(ChangeKind.Repair, t => Seen(t.Capability, t.Scope, t.Name, new(StringComparer.Ordinal) { ["team"] = "1" }));
        var changed = PlanFor(ChangeKind.Repair, t => Seen(t.Capability, t.Scope, t.Name, new(StringComparer.Ordinal) { ["team"] = "2" }));
        changed.Digest.ShouldNotBe(planned.Digest);
    }

    [Fact]
    public void Prices_are_no_part_of_the_digest()
    {
        var plan = PlanFor(ChangeKind.Onboard, _ => null);
        PlanDigests.Of(plan.Actions.Select(a => a with { MonthlyAfter = a.MonthlyAfter + 1, Reason = "another word" })).ShouldBe(plan.Digest);
    }

    [Fact]
    public void An_approval_covers_less_than_was_approved()
    {
        var approved = PlanFor(ChangeKind.Onboard, _ => null);
        var rest = PlanFor(ChangeKind.Onboard, t => t.Scope == Scopes.Component ? Seen(t.Capability, t.Scope, t.Name, t.Fields) : null, known: "base");
        ChangePolicy.Covers(approved, rest).ShouldBeTrue();
    }

    [Fact]
    public void An_approval_covers_nothing_more_than_was_approved()
    {
        var approved = PlanFor(ChangeKind.Onboard, t => t.Scope == Scopes.Component ? Seen(t.Capability, t.Scope, t.Name, t.Fields) : null, known: "base");
        ChangePolicy.Covers(approved, PlanFor(ChangeKind.Onboard, _ => null)).ShouldBeFalse();
    }

    [Fact]
    public void The_platforms_price_counts_before_the_capabilitys_own()
    {
        var options = new PriceOptions { Version = "2027", Currency = "CHF", Monthly = { ["base"] = 7m } };
        var plan = NewPlanner(options).Plan(InputFor(ChangeKind.Onboard, _ => null, new(StringComparer.Ordinal), known: null));
        (plan.MonthlyAfter, plan.Currency, plan.PricesVersion).ShouldBe((7m + plan.Actions.Count - 1, "CHF", "2027"));
    }

    [Theory]
    [InlineData("bass", 7, "no such capability")]
    [InlineData("base", -1, "below zero")]
    public void A_price_that_cannot_be_is_refused_at_start(string capability, int price, string error) =>
        Should.Throw<InvalidOperationException>(() => NewPlanner(new PriceOptions { Monthly = { [capability] = price } })).Message.ShouldContain(error);

    private static Planner NewPlanner(PriceOptions? prices = null) => new(Set, new PriceList(prices ?? new PriceOptions(), Set));

    private static ChangePlan PlanFor(ChangeKind kind, Func<Thing, Observed?> look, string? known = null) =>
        NewPlanner().Plan(InputFor(kind, look, new(StringComparer.Ordinal), known));

    private static PlanInput InputFor(ChangeKind kind, Func<Thing, Observed?> look, SortedDictionary<string, string> labels, string? known = null)
    {
        var spec = new ServiceSpec { Name = "orders", Team = "payments" };
        if (kind is not (ChangeKind.Onboard or ChangeKind.Clean))
            spec = spec.With("staging", new EnvironmentSpec { Labels = labels });
        var snapshot = new ServiceSnapshot
        {
            Spec = spec,
            Inventory = known is null ? [] : [new InventoryItem { Capability = known, Scope = Scopes.Component, Name = $"{known}-orders", Fields = new(StringComparer.Ordinal) { ["team"] = "payments" } }],
        };
        var resolved = new Resolver(Set).Resolve(new ResolveInput { Order = new ChangeOrder { Kind = kind, Environment = kind == ChangeKind.Clean ? null : "staging", Team = "payments" }, Snapshot = snapshot });
        return new PlanInput
        {
            Resolved = resolved,
            Snapshot = snapshot,
            Observed = [.. resolved.Things.Select(t => look(t) ?? new Observed { Capability = t.Capability, Scope = t.Scope, Name = t.Name })],
        };
    }

    private static SortedDictionary<string, string> Labels(byte[] values) =>
        new(values.Take(3).Select((v, i) => (i, v)).ToDictionary(p => $"l{p.i}", p => $"{p.v % 3}", StringComparer.Ordinal), StringComparer.Ordinal);

    private static Observed? Random(Thing thing, bool[] there, byte[] values) =>
        there.ElementAtOrDefault(thing.Capability.Length % 2)
            ? Seen(thing.Capability, thing.Scope, thing.Name, new(thing.Fields.Where((_, i) => values.ElementAtOrDefault(i) % 2 == 0).ToDictionary(), StringComparer.Ordinal))
            : null;

    private static Observed Seen(string capability, string scope, string name, SortedDictionary<string, string?> fields) => new()
    {
        Capability = capability,
        Scope = scope,
        Name = name,
        Exists = true,
        Owner = new OwnerMark("orders", scope).ToString(),
        Fields = fields,
    };

    /// <summary>A capability that touches nothing: what is planned is all there is to see.</summary>
    private sealed class Plain(string id, ScopeKind scope, params string[] after) : ICapability
    {
        public CapabilityRow Row => new() { Id = id, Title = id, System = "nowhere", Scope = scope, After = after };

        public Wish? Want(ServiceSpec service, string? environment)
        {
            var fields = new SortedDictionary<string, string?>(StringComparer.Ordinal) { ["team"] = service.Team };
            foreach (var (name, value) in service.Environment(environment)?.Labels ?? [])
                fields[name] = value;
            return new Wish($"{id}-{service.Name}", Wire.ToJson(fields), fields);
        }

        public decimal MonthlyCost(JsonElement spec) => 1;

        public Task<Observed> ObserveAsync(Thing thing, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<IReadOnlyList<FoundThing>> FindAsync(string service, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
