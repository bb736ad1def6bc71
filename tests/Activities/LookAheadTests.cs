using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;

namespace Onramp.Activities.Tests;

/// <summary>What can be known before anybody is asked to approve is said before.</summary>
public sealed class LookAheadTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Flux = "/apis/kustomize.toolkit.fluxcd.io";
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };
    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };

    [Fact]
    public async Task A_service_that_can_be_made_has_no_problem()
    {
        await using var run = await fixture.StartAsync();

        (await run.LookAheadAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task F25_the_repository_of_the_services_other_environment_is_to_be_adopted()
    {
        await using var first = await fixture.StartAsync();
        await first.DoAsync(StepIds.Repository);
        await using var second = SandboxRun.Create(fixture.Sandbox, SandboxRun.Orders with { Environment = Vocabulary.Staging });

        var problem = (await second.LookAheadAsync()).Problems.ShouldHaveSingleItem();

        (problem.Type, problem.Error.Field, problem.Error.Message.Contains("repository.mode 'adopt'")).ShouldBe((ErrorTypes.NameTaken, "name", true));
    }

    [Fact]
    public async Task F25_one_that_is_adopted_has_no_problem()
    {
        await using var first = await fixture.StartAsync();
        await first.DoAllAsync();
        await using var second = SandboxRun.Create(fixture.Sandbox, Adopt with { Environment = Vocabulary.Staging });

        (await second.LookAheadAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_team_that_GitHub_does_not_know_is_named() =>
        (await LookAsync(SandboxRun.Orders with { Team = "nobodys" })).ShouldBe(["team/unknown"]);

    [Fact]
    public async Task A_template_that_is_not_there_is_named() =>
        (await LookAsync(SandboxRun.Orders with { Template = "mainframe" })).ShouldBe(["template/unknown"]);

    [Fact]
    public async Task What_is_to_be_adopted_and_is_not_there_is_named() => (await LookAsync(Adopt)).ShouldBe(["repository.mode/adopt"]);

    [Fact]
    public async Task A_repository_without_a_commit_can_not_be_adopted() =>
        (await LookAsync(Adopt, team => team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true })))
            .ShouldBe(["repository.mode/adopt"]);

    [Fact]
    public async Task An_archived_repository_can_not_be_adopted() => (await LookAsync(Adopt, async team =>
    {
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        await team.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["archived"] = true });
    })).ShouldBe(["repository.mode/adopt"]);

    [Fact]
    public async Task A_subject_that_no_credential_can_be_made_for_is_named() => (await LookAsync(Adopt, async team =>
    {
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        await team.GitHubAsync("PUT", "/repos/acme/orders/actions/oidc/customization/sub", new JsonObject
        {
            ["use_default"] = false, ["include_claim_keys"] = new JsonArray("repository_id", "job_workflow_ref"),
        });
    })).ShouldBe(["repository.mode/oidcSubject"]);

    [Fact]
    public async Task A_namespace_of_another_owner_is_named() =>
        (await LookAsync(SandboxRun.Orders, team => team.KubernetesAsync("POST", "/api/v1/namespaces", Named("orders-dev")))).ShouldBe(["name/taken"]);

    [Fact]
    public async Task A_resource_group_of_another_owner_is_named() => (await LookAsync(SandboxRun.Orders, team => team.AzureAsync(
        "PUT",
        $"/subscriptions/{fixture.Sandbox.Options.Seed.SubscriptionId}/resourceGroups/rg-orders-dev?api-version=2024-03-01",
        new JsonObject { ["location"] = "uksouth" }))).ShouldBe(["name/taken"]);

    [Fact]
    public async Task A_dashboard_of_another_owner_is_named() => (await LookAsync(SandboxRun.Orders, team => team.GrafanaAsync("POST", "/api/dashboards/db", new JsonObject
    {
        ["dashboard"] = new JsonObject { ["uid"] = "svc-orders-dev", ["title"] = "Theirs" }, ["overwrite"] = false,
    }))).ShouldBe(["name/taken"]);

    [Fact]
    public async Task A_project_of_another_owner_is_named() => (await LookAsync(ArgoCd, team => team.KubernetesAsync(
        "POST",
        "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects",
        Named("orders-dev", "argoproj.io/v1alpha1", "AppProject", new JsonObject { ["sourceRepos"] = new JsonArray("*") })))).ShouldBe(["name/taken"]);

    [Fact]
    public async Task A_cluster_without_Flux_is_named()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes", ["method"] = "GET", ["route"] = Flux + "/{**rest}", ["action"] = "fail", ["status"] = 404,
            ["body"] = new JsonObject { ["kind"] = "Status", ["message"] = "the server could not find the requested resource", ["code"] = 404 },
        });

        Fields(await run.LookAheadAsync()).ShouldBe(["features.gitOps/unsupported"]);
    }

    [Fact]
    public async Task A_cluster_role_that_is_not_there_is_named()
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, settings: ("Onramp:Kubernetes:TeamRole", "another-edit"));
        await run.ResetAsync();

        Fields(await run.LookAheadAsync()).ShouldBe(["platform/clusterRole"]);
    }

    [Theory]
    [InlineData("github")]
    [InlineData("azure")]
    [InlineData("kubernetes")]
    [InlineData("grafana")]
    [InlineData("catalog")]
    public async Task A_system_that_does_not_answer_refuses_nothing(string system)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject { ["system"] = system, ["action"] = "fail", ["status"] = 503, ["times"] = 1000 });

        (await run.LookAheadAsync()).Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, "AcrPush", "AcrPull", "on the whole registry acmeregistry, which gives no roles by repository")]
    [InlineData(true, "Container Registry Repository Writer", "Container Registry Repository Reader", "for payments/orders of acmeregistry only")]
    public async Task The_plan_says_which_roles_are_given_and_on_what(bool byRepository, string push, string pull, string scope)
    {
        var options = SandboxSettings.Fast();
        options.Seed.RegistryAbac = byRepository;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);

        (await run.PlanAsync()).Where(r => r.Step == StepIds.RegistryAccess).Select(r => (r.Name, r.Detail))
            .ShouldBe([(push, $"id-orders-dev-ci {scope}"), (pull, $"id-orders-dev {scope}")]);
    }

    private async Task<IEnumerable<string>> LookAsync(ServiceRequest request, Func<SandboxApi, Task>? before = null)
    {
        await using var run = await fixture.StartAsync(request);
        using var others = new SandboxApi(fixture.Sandbox);
        await (before?.Invoke(others) ?? Task.CompletedTask);
        return Fields(await run.LookAheadAsync());
    }

    private static IEnumerable<string> Fields(LookAhead ahead) => ahead.Problems.Select(p => $"{p.Error.Field}/{p.Error.Rule}");

    private static JsonObject Named(string name, string version = "v1", string kind = "Namespace", JsonObject? spec = null)
    {
        var body = new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
        if (spec is not null)
            body["spec"] = spec;
        return body;
    }
}
