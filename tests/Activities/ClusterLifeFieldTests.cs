using System.Text.Json.Nodes;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Verification;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What a cluster in use does: operators that aren't installed, policies that refuse, namespaces that don't go, deliveries that rest.</summary>
public sealed class ClusterLifeFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Flux = "kustomize.toolkit.fluxcd.io";
    private static readonly ServiceRequest ArgoCd = SandboxRun.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } };

    [Fact]
    public async Task A_cluster_without_the_monitoring_operator_is_a_warning()
    {
        await using var sandbox = await SandboxHost.StartAsync(Without("monitoring.coreos.com"));
        await using var run = SandboxRun.Create(sandbox);
        await run.DoUntilAsync(StepIds.ServiceMonitor);

        (await run.DoAsync(StepIds.ServiceMonitor)).Warning.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(Flux, Vocabulary.GitOpsFlux)]
    [InlineData("argoproj.io", Vocabulary.GitOpsArgoCd)]
    public async Task A_delivery_that_isnt_installed_is_named_before_anybody_is_asked(string group, string gitOps)
    {
        await using var sandbox = await SandboxHost.StartAsync(Without(group));
        await using var run = SandboxRun.Create(sandbox, SandboxRun.Orders with { Features = new FeatureRequest { GitOps = gitOps } });

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Field.ShouldBe("features.gitOps");
    }

    [Theory]
    [InlineData(403, "admission webhook \"validation.gatekeeper.sh\" denied the request: [owners] label owner is required", ErrorTypes.PolicyDenied)]
    [InlineData(400, "admission webhook \"validate.kyverno.svc-fail\" denied the request: resource Namespace/orders-dev was blocked", ErrorTypes.PolicyDenied)]
    [InlineData(422, "namespaces \"orders-dev\" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'owners' denied request: label owner is required", ErrorTypes.PolicyDenied)]
    [InlineData(500, "Internal error occurred: failed calling webhook \"x\": failed to call webhook: Post \"https://x.svc:443\": context deadline exceeded", ErrorTypes.Transient)]
    [InlineData(504, "Timeout: request did not complete within requested timeout", ErrorTypes.Transient)]
    [InlineData(410, "The provided continue parameter is too old to display a consistent list result.", ErrorTypes.Transient)]
    [InlineData(429, "the server has received too many requests and has asked us to try again later", ErrorTypes.RateLimited)]
    [InlineData(403, "namespaces \"orders-dev\" is forbidden: exceeded quota: tenant, requested: count/namespaces=1, used: count/namespaces=5, limited: count/namespaces=5", ErrorTypes.QuotaExceeded)]
    [InlineData(403, "admission webhook \"namespaces.capsule.clastix.io\" denied the request: Cannot exceed Namespace quota: please, reach out to the system administrators", ErrorTypes.QuotaExceeded)]
    [InlineData(403, "attempting to grant RBAC permissions not currently held", ErrorTypes.PermissionDenied)]
    [InlineData(403, "unable to create new content in namespace orders-dev because it is being terminated", ErrorTypes.Transient)]
    public async Task A_refusal_means_what_its_words_say(int status, string message, string type)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["action"] = "fail", ["status"] = status,
            ["body"] = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = message, ["code"] = status },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]));

        (failure.ErrorType, failure.NonRetryable).ShouldBe((type, ErrorTypes.Permanent.Contains(type)));
    }

    [Fact]
    public async Task An_earlier_namespace_that_doesnt_go_says_what_holds_it()
    {
        var options = SandboxSettings.Fast();
        options.NamespaceTerminationDelay = TimeSpan.FromMinutes(10);
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        using var others = new SandboxApi(sandbox);
        await others.KubernetesAsync("POST", "/api/v1/namespaces", Named("v1", "Namespace", "orders-dev"));
        await others.KubernetesAsync("DELETE", "/api/v1/namespaces/orders-dev");
        var held = (await others.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev"))!;
        held["status"]!["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "NamespaceFinalizersRemaining", ["status"] = "True", ["reason"] = "SomeFinalizersRemain",
            ["message"] = "Some content in the namespace has finalizers remaining: finalizer.keda.sh in 1 resource instances",
        });
        await others.KubernetesAsync("PUT", "/api/v1/namespaces/orders-dev/status", held);

        var result = (StepResult)(await run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]))!;

        result.WaitingFor.ShouldNotBeNull().ShouldContain("finalizer.keda.sh");
    }

    [Fact]
    public async Task A_namespace_of_Argo_CD_that_isnt_there_is_named_before_anybody_is_asked()
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, ArgoCd, settings: ("Onramp:Kubernetes:ArgoCdNamespace", "gitops"));
        await run.ResetAsync();

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Message.ShouldContain("namespace gitops");
    }

    [Fact]
    public async Task A_shared_project_of_Argo_CD_that_isnt_there_is_named_before_anybody_is_asked()
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, ArgoCd, settings: ("Onramp:Kubernetes:ArgoCdProject", "services"));
        await run.ResetAsync();

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Message.ShouldContain("project services");
    }

    [Fact]
    public async Task A_shared_project_that_permits_no_such_repository_is_named_before_anybody_is_asked()
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, ArgoCd, settings: ("Onramp:Kubernetes:ArgoCdProject", "services"));
        await run.ResetAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        var project = Named("argoproj.io/v1alpha1", "AppProject", "services");
        project["spec"] = new JsonObject
        {
            ["sourceRepos"] = new JsonArray("*"), ["destinations"] = new JsonArray(new JsonObject { ["server"] = "https://kubernetes.default.svc", ["namespace"] = "shop-*" }),
        };
        await others.KubernetesAsync("POST", "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects", project);

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Message.ShouldContain("namespace orders-dev");
    }

    [Fact]
    public async Task A_delivery_that_somebody_suspended_is_told_at_once()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Verification);
        using var others = new SandboxApi(fixture.Sandbox);
        var at = $"/apis/{Flux}/v1/namespaces/orders-dev/kustomizations/{run.Names.GitOpsObject}";
        var found = (await others.KubernetesAsync("GET", at))!;
        found["spec"]!["suspend"] = true;
        found["spec"]!["interval"] = "1h";
        await others.KubernetesAsync("PUT", at, found);

        (await run.DoAsync(StepIds.Verification)).Warning.ShouldNotBeNull().ShouldContain("suspended");
    }

    [Fact]
    public void A_branch_that_was_renamed_is_named_as_what_is_missing()
    {
        var found = new GitRepository
        {
            Metadata = new k8s.Models.V1ObjectMeta { Generation = 1 },
            Status = new FluxStatus(1, [new StatusCondition("Ready", "False", "GitOperationFailed", "failed to checkout: couldn't find remote ref \"refs/heads/main\"")]),
        };

        Delivery.Flux(found).Problem.ShouldNotBeNull().ShouldContain("renamed");
    }

    [Fact]
    public void An_application_that_may_not_sync_yet_names_the_windows() =>
        Delivery.ArgoCd(new Application { Status = new ApplicationStatus(new SyncState("OutOfSync"), new HealthState("Missing"), []) })
            .Problem.ShouldNotBeNull().ShouldContain("sync window");

    [Fact]
    public async Task An_application_that_doesnt_go_says_why()
    {
        await using var run = await fixture.StartAsync(ArgoCd);
        await run.DoUntilAsync(StepIds.Verification);
        using var others = new SandboxApi(fixture.Sandbox);
        var at = $"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{run.Names.GitOpsObject}";
        var found = (await others.KubernetesAsync("GET", at))!;
        found["metadata"]!["finalizers"] = new JsonArray("others.example.com/hold");
        await others.KubernetesAsync("PUT", at, found);
        await run.CallAsync(ActivityNames.UnregisterArgoCd, [run.Input(StepIds.ArgoCd), null]);
        var going = (await others.KubernetesAsync("GET", at))!;
        going["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "DeletionError", ["message"] = "the server doesn't have a resource type \"Widget\"" });
        await others.KubernetesAsync("PUT", $"{at}/status", going);

        var undone = (UndoResult)(await run.CallAsync(ActivityNames.UnregisterArgoCd, [run.Input(StepIds.ArgoCd), null]))!;

        undone.WaitingFor.ShouldNotBeNull().ShouldContain("Widget");
    }

    private static SandboxOptions Without(string group)
    {
        var options = SandboxSettings.Fast();
        options.Seed.MissingCustomResourceGroups = [group];
        return options;
    }

    private static JsonObject Named(string version, string kind, string name) =>
        new() { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
}
