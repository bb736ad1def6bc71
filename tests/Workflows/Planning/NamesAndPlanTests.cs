using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Planning;

namespace Onramp.Workflows.Tests.Planning;

public sealed class NamesAndPlanTests
{
    public static TheoryData<string, string> Services => new()
    {
        { "orders", "development" },
        { "abc", "staging" },
        { "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o", "production" },
        { "a23456789-b-and-a-very-long-one", "production" },
        { "order-intake-service", "development" },
    };

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_name_keeps_the_rules_of_its_system(string service, string environment)
    {
        var names = NameDeriver.Derive(Requests.Orders with { Name = service, Environment = environment }, Requests.Platform);

        names.Namespace.ShouldMatch("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$");
        names.ResourceGroup.ShouldMatch("^[-a-zA-Z0-9_.()]{1,89}[-a-zA-Z0-9_()]$");
        names.Identity.ShouldMatch("^[a-zA-Z0-9][-a-zA-Z0-9_]{2,127}$");
        names.DashboardUid.ShouldMatch("^[a-zA-Z0-9_-]{1,40}$");
        names.DashboardFolderUid.ShouldMatch("^[a-zA-Z0-9_-]{1,40}$");
        foreach (var vault in names.KeyVaults)
        {
            vault.ShouldMatch("^[a-z][a-z0-9-]{1,22}[a-z0-9]$");
            vault.ShouldNotContain("--");
        }
        names.KeyVaults.Distinct().Count().ShouldBe(NameDeriver.MaxKeyVaultNames);
    }

    [Fact]
    public void Names_of_different_environments_differ()
    {
        var development = NameDeriver.Derive(Requests.Orders, Requests.Platform);
        var production = NameDeriver.Derive(Requests.Orders with { Environment = Vocabulary.Production }, Requests.Platform);

        development.KeyVaults.Intersect(production.KeyVaults).ShouldBeEmpty();
        development.DashboardUid.ShouldNotBe(production.DashboardUid);
        development.RepositoryName.ShouldBe(production.RepositoryName);
    }

    [Fact]
    public void A_uid_that_is_too_long_is_cut_and_stays_unique()
    {
        var left = NameDeriver.GrafanaUid($"svc-{new string('a', 40)}-dev");
        var right = NameDeriver.GrafanaUid($"svc-{new string('a', 40)}-prod");

        left.Length.ShouldBeLessThanOrEqualTo(NameDeriver.GrafanaUidLimit);
        left.ShouldNotBe(right);
    }

    [Fact]
    public void The_plan_lists_each_step_that_makes_something()
    {
        var plan = PlanOf(Requests.Orders);

        plan.Resources.Select(r => r.Step).Distinct().ShouldBe(
            OnboardingSteps.For(Requests.Orders, Requests.Platform).Select(s => s.Id).Where(id => id != StepIds.Verification));
        plan.Resources.ShouldAllBe(r => r.Name.Length > 0 && r.Kind.Length > 0);
    }

    [Fact]
    public void The_digest_is_the_same_for_the_same_request_and_no_other()
    {
        var digest = PlanOf(Requests.Orders).Digest;

        digest.ShouldMatch("^[0-9a-f]{64}$");
        PlanOf(Requests.Orders with { Description = "Other words" }).Digest.ShouldBe(digest);
        ServiceRequest[] others =
        [
            Requests.Orders with { Plan = Vocabulary.PlanLarge },
            Requests.Orders with { NetworkPolicy = Vocabulary.NetworkOpen },
            Requests.Orders with { Environment = Vocabulary.Production },
            Requests.Orders with { Requester = "grace" },
            Requests.Orders with { Dependencies = ["stock"] },
            Requests.Orders with { EntraGroupId = "55555555-5555-4555-8555-555555555555" },
            Requests.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } },
        ];
        others.Select(o => PlanOf(o).Digest).Append(digest).Distinct().Count().ShouldBe(others.Length + 1);
    }

    [Theory]
    [InlineData("micro", 42.5)]
    [InlineData("small", 70.5)]
    [InlineData("medium", 228.5)]
    [InlineData("large", 796.5)]
    public void The_estimate_adds_up(string plan, double total)
    {
        var cost = PlanOf(Requests.Orders with { Plan = plan }).Cost;

        cost.MonthlyTotal.ShouldBe((decimal)total);
        cost.MonthlyTotal.ShouldBe(cost.Lines.Sum(l => l.Monthly));
    }

    [Fact]
    public void The_table_has_no_cycle_and_names_no_unknown_step()
    {
        var rows = OnboardingSteps.All;
        var ids = rows.Select(r => r.Id).ToHashSet();
        var done = new HashSet<string>();

        rows.SelectMany(r => r.After).ShouldAllBe(a => ids.Contains(a));
        while (rows.Any(r => !done.Contains(r.Id)))
        {
            var ready = rows.Where(r => !done.Contains(r.Id) && r.After.All(done.Contains)).ToList();
            ready.ShouldNotBeEmpty();
            ready.ForEach(r => done.Add(r.Id));
        }
    }

    [Fact]
    public void Everything_but_verification_and_what_goes_with_the_repository_can_be_undone() =>
        OnboardingSteps.All.Where(s => s.Undo is null).Select(s => s.Id).ShouldBe([StepIds.Pipeline, StepIds.Verification]);

    [Fact]
    public void A_platform_that_knows_no_group_asks_the_request_for_one()
    {
        var platform = Requests.Platform with { Azure = Requests.Platform.Azure with { DefaultEntraGroupId = "" } };

        Planner.Check(Requests.Orders, platform).Select(e => (e.Field, e.Rule)).ShouldBe([("entraGroupId", "required")]);
        Planner.Check(Requests.Orders with { EntraGroupId = "55555555-5555-4555-8555-555555555555" }, platform).ShouldBeEmpty();
    }

    private static OnboardingPlan PlanOf(ServiceRequest request) =>
        Planner.Plan(request, NameDeriver.Derive(request, Requests.Platform), Requests.Platform);
}
