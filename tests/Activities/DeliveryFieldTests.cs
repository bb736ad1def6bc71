using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Kubernetes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people who deliver with Flux and Argo CD ran into, by the number of the case.</summary>
public sealed class DeliveryFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Projects = "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/";
    private const string Applications = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/";
    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };

    /// <summary>A limit short enough for a test and long enough for the sandbox's controllers to be done.</summary>
    private static readonly (string, string) ShortLimit = ("Onramp:Onboarding:Timing:Verification", "00:00:03");

    [Theory]
    [InlineData(Vocabulary.GitOpsFlux, "./k8s")]
    [InlineData(Vocabulary.GitOpsArgoCd, "k8s: app path does not exist")]
    public async Task F21_A_repository_without_manifests_is_a_warning_that_names_them(string gitOps, string named)
    {
        await using var sandbox = await SandboxHost.StartAsync(WithoutManifests());
        await using var run = SandboxRun.Create(
            sandbox, SandboxRun.Orders with { Features = new FeatureRequest { GitOps = gitOps } }, settings: ShortLimit);
        foreach (var step in run.InOrder().TakeWhile(s => s.Id != StepIds.Verification))
            await run.DoAsync(step.Id);

        var verified = await run.DoAsync(StepIds.Verification);

        verified.Warning.ShouldNotBeNull().ShouldContain(named);
    }

    [Fact]
    public async Task F21_A_delivery_gets_time_before_it_is_warned_about()
    {
        await using var sandbox = await SandboxHost.StartAsync(WithoutManifests());
        await using var run = SandboxRun.Create(sandbox);
        foreach (var step in run.InOrder().TakeWhile(s => s.Id != StepIds.Verification))
            await run.DoAsync(step.Id);

        var first = (StepResult)(await run.CallAsync(ActivityNames.VerifyService, [run.Input(StepIds.Verification)]))!;

        first.Ready.ShouldBeFalse();
    }

    [Fact]
    public async Task F21_What_must_be_there_is_waited_for_however_long_the_delivery_takes()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Verification);
        using var others = new SandboxApi(fixture.Sandbox);
        await others.KubernetesAsync("DELETE", "/api/v1/namespaces/orders-dev/limitranges/platform-defaults");
        var input = run.Input(StepIds.Verification);
        var late = input with { Facts = new Dictionary<string, string>(input.Facts) { [StepFacts.VerificationBegan] = "2020-01-01T00:00:00Z" } };

        var result = (StepResult)(await run.CallAsync(ActivityNames.VerifyService, [late]))!;

        result.WaitingFor.ShouldNotBeNull().ShouldContain("limits is not there");
    }

    [Fact]
    public async Task F22_Flux_logs_in_with_a_secret_that_the_run_makes()
    {
        await using var run = await fixture.StartAsync();
        await run.DoAllAsync();
        using var others = new SandboxApi(fixture.Sandbox);

        var source = await others.KubernetesAsync("GET", $"/apis/source.toolkit.fluxcd.io/v1/namespaces/orders-dev/gitrepositories/{run.Names.GitOpsObject}");

        source!["status"]!["conditions"]!.AsArray().ShouldHaveSingleItem()!["status"]!.ToString().ShouldBe("True");
        source["spec"]!["secretRef"]!["name"]!.ToString().ShouldBe("flux-github-app");
    }

    [Fact]
    public async Task F22_The_Apps_key_is_in_no_result_and_in_no_failure()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Flux);
        var done = await run.DoAsync(StepIds.Flux);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes",
            ["method"] = "PATCH",
            ["route"] = "/api/v1/namespaces/{namespace}/secrets/{name}",
            ["status"] = 422,
            ["body"] = new JsonObject { ["kind"] = "Status", ["reason"] = "Invalid", ["message"] = $"illegal data: {SandboxSettings.FluxAppKey}" },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.RegisterFlux, [run.Input(StepIds.Flux)]));

        var told = $"{failure} {await DataConverter.Default.ToFailureAsync(failure)} {await DataConverter.Default.ToPayloadAsync(done)} {await DataConverter.Default.ToPayloadAsync(run.Platform)}";
        told.ShouldNotContain(SandboxSettings.FluxAppKey.Split('\n')[1]);
        told.ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(SandboxSettings.FluxAppKey))[..60]);
    }

    [Theory]
    [InlineData("github", "", "", "", "FluxProvider")]
    [InlineData("github", "from-the-cluster", "", "", null)]
    [InlineData("github", "", "1002", "1", null)]
    [InlineData("github", "", "1002", "", "FluxApp")]
    [InlineData("github", "", "App", "1", "FluxApp")]
    [InlineData("generic", "", "1002", "1", "FluxApp")]
    [InlineData("generic", "", "", "", null)]
    [InlineData("none", "", "", "", null)]
    public void F22b_A_login_of_Flux_that_cannot_work_is_refused_when_the_worker_starts(
        string provider, string secret, string app, string installation, string? field)
    {
        var options = new KubernetesOptions
        {
            FluxProvider = provider,
            FluxSecretName = secret,
            FluxApp = new FluxAppOptions { AppId = app, InstallationId = installation, PrivateKey = SandboxSettings.FluxAppKey },
        };

        Refused(options).ShouldBe(field is null ? [] : [field]);
    }

    [Fact]
    public void F22b_A_key_that_is_none_is_refused_without_being_told()
    {
        var options = new KubernetesOptions { FluxApp = new FluxAppOptions { AppId = "1", InstallationId = "1", PrivateKey = "no key but secret" } };
        var results = new List<ValidationResult>();

        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true).ShouldBeFalse();

        results.ShouldHaveSingleItem().ErrorMessage.ShouldNotBeNull().ShouldNotContain("secret");
    }

    [Fact]
    public void Argo_CDs_default_project_is_refused_when_the_worker_starts() =>
        Refused(new KubernetesOptions { FluxProvider = "none", ArgoCdProject = "default" }).ShouldBe(["ArgoCdProject"]);

    [Theory]
    [InlineData("kube-prometheus-stack", true)]
    [InlineData("prometheus-", false)]
    public void F01_A_label_that_the_cluster_would_refuse_is_refused_when_the_worker_starts(string release, bool fine) =>
        Refused(new KubernetesOptions { FluxProvider = "none", MonitorRelease = release }).ShouldBe(fine ? [] : ["MonitorRelease"]);

    [Fact]
    public async Task An_application_has_a_project_of_its_own_that_permits_its_repository_and_namespace_alone()
    {
        await using var run = await fixture.StartAsync(ArgoCd);
        await run.DoAllAsync();
        using var others = new SandboxApi(fixture.Sandbox);

        var application = await others.KubernetesAsync("GET", Applications + run.Names.GitOpsObject);
        var project = await others.KubernetesAsync("GET", Projects + application!["spec"]!["project"]);

        var spec = project!["spec"]!;
        spec["sourceRepos"]!.AsArray().ShouldHaveSingleItem()!.ToString().ShouldBe(run.Facts[StepFacts.RepositoryCloneUrl]);
        spec["destinations"]!.AsArray().ShouldHaveSingleItem()!["namespace"]!.ToString().ShouldBe(run.Names.Namespace);
        spec["clusterResourceWhitelist"]!.AsArray().ShouldBeEmpty();
        spec["namespaceResourceBlacklist"]!.AsArray().Select(r => r!["kind"]!.ToString()).ShouldContain("NetworkPolicy");
    }

    [Fact]
    public async Task A_project_goes_after_its_application()
    {
        await using var run = await fixture.StartAsync(ArgoCd);
        var before = await run.SettledKeysAsync();
        await run.DoAllAsync();

        await run.UndoAllAsync();

        await run.ShouldSettleAtAsync(before);
    }

    [Fact]
    public async Task A_project_of_another_owner_is_refused_and_left_alone()
    {
        await using var run = await fixture.StartAsync(ArgoCd);
        using var others = new SandboxApi(fixture.Sandbox);
        await others.KubernetesAsync("POST", Projects.TrimEnd('/'), new JsonObject
        {
            ["apiVersion"] = "argoproj.io/v1alpha1", ["kind"] = "AppProject", ["metadata"] = new JsonObject { ["name"] = run.Names.GitOpsObject }, ["spec"] = new JsonObject(),
        });
        await run.DoUntilAsync(StepIds.ArgoCd);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.ArgoCd))).ErrorType.ShouldBe(ErrorTypes.OwnedByOther);
        await run.UndoAllAsync();

        (await others.KubernetesAsync("GET", Projects + run.Names.GitOpsObject)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(Vocabulary.Production, "In")]
    [InlineData(Vocabulary.Development, "NotIn")]
    public async Task Shared_with_the_team_stays_on_its_side_of_production(string environment, string @operator)
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Environment = environment, NetworkPolicy = Vocabulary.NetworkTeamShared });

        var policy = NetworkPolicies.For(run.Input(StepIds.NetworkPolicies)).Single(p => p.Metadata.Name == "team-shared");

        var production = policy.Spec.Egress.Single().To.Single().NamespaceSelector.MatchExpressions.Single();
        (production.Key, production.OperatorProperty, production.Values.Single()).ShouldBe(("platform.io/environment", @operator, Vocabulary.Production));
    }

    private static IEnumerable<string> Refused(KubernetesOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.SelectMany(r => r.MemberNames);
    }

    private static SandboxOptions WithoutManifests()
    {
        var options = SandboxSettings.Fast();
        options.Seed.Templates =
        [
            .. GoldenPath.Repositories.Select(t => t with
            {
                Files = t.Files.Where(f => !f.Key.StartsWith("k8s/", StringComparison.Ordinal)).ToDictionary(),
            }),
        ];
        return options;
    }
}
