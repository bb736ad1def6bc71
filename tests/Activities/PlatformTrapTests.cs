using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Verification;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What Kubernetes, Grafana, the catalog and chats do to those who don't look.</summary>
public sealed class PlatformTrapTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly JsonObject TheirNamespace = new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = "orders-dev", ["labels"] = new JsonObject { ["platform.io/team"] = "others" } },
    };

    [Fact]
    public async Task A_namespace_of_another_owner_is_refused_and_left_alone()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await others.KubernetesAsync("POST", "/api/v1/namespaces", TheirNamespace.DeepClone());

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Namespace));
        await run.UndoAllAsync();

        failure.ErrorType.ShouldBe(ErrorTypes.OwnedByOther);
        failure.Message.ShouldContain("team others");
        (await others.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev"))!["status"]!["phase"]!.ToString().ShouldBe("Active");
    }

    [Fact]
    public async Task A_namespace_on_its_way_out_is_waited_for()
    {
        var options = SandboxSettings.Fast();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        options.TimeProvider = time;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        using var others = new SandboxApi(sandbox);
        await others.KubernetesAsync("POST", "/api/v1/namespaces", TheirNamespace.DeepClone());
        await others.KubernetesAsync("DELETE", "/api/v1/namespaces/orders-dev");

        var first = (StepResult)(await run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]))!;
        first.Ready.ShouldBeFalse();
        first.WaitingFor!.ShouldContain("to go");
        time.Advance(options.NamespaceTerminationDelay);

        (await run.DoAsync(StepIds.Namespace)).Resources.ShouldHaveSingleItem().Created.ShouldBeTrue();
    }

    [Fact]
    public async Task A_namespace_that_somebody_made_anew_is_spared()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        var result = await run.DoAsync(StepIds.Namespace);
        await run.UndoAsync(run.Steps.Single(s => s.Id == StepIds.Namespace), result);
        await others.KubernetesAsync("POST", "/api/v1/namespaces", TheirNamespace.DeepClone());

        await run.UndoAllAsync();

        (await others.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev"))!["status"]!["phase"]!.ToString().ShouldBe("Active");
    }

    [Fact]
    public async Task A_role_binding_to_another_role_is_made_anew()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.Namespace);
        await others.KubernetesAsync("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/orders-dev/rolebindings", new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1",
            ["kind"] = "RoleBinding",
            ["metadata"] = new JsonObject { ["name"] = NamespaceObjects.TeamBindingName },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "admin" },
        });

        await run.DoAsync(StepIds.NamespaceAccess);

        var binding = await others.KubernetesAsync("GET", $"/apis/rbac.authorization.k8s.io/v1/namespaces/orders-dev/rolebindings/{NamespaceObjects.TeamBindingName}");
        binding!["roleRef"]!["name"]!.ToString().ShouldBe("edit");
    }

    [Fact]
    public async Task Fields_that_somebody_changed_by_hand_are_taken_back()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.Namespace);
        await run.DoAsync(StepIds.Limits);
        var path = "/api/v1/namespaces/orders-dev/resourcequotas/platform-plan";
        var quota = (await others.KubernetesAsync("GET", path))!;
        quota["spec"]!["hard"]!["pods"] = "999";
        quota["metadata"]!.AsObject().Remove("managedFields");
        await others.KubernetesAsync("PUT", path, quota);

        await run.DoAsync(StepIds.Limits);

        (await others.KubernetesAsync("GET", path))!["spec"]!["hard"]!["pods"]!.ToString().ShouldBe("20");
    }

    [Fact]
    public async Task A_cluster_without_monitoring_is_a_warning_and_without_flux_a_failure()
    {
        var options = SandboxSettings.Fast();
        options.Seed.MissingCustomResourceGroups = ["monitoring.coreos.com", "source.toolkit.fluxcd.io"];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoUntilAsync(StepIds.Flux);

        (await run.DoAsync(StepIds.ServiceMonitor)).Warning.ShouldNotBeNull();
        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Flux))).ErrorType.ShouldBe(ErrorTypes.NotFound);
    }

    [Fact]
    public async Task P01_a_quota_that_a_controller_writes_to_at_the_same_time_is_written_again()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Limits);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes", ["method"] = "PATCH", ["route"] = "/api/v1/namespaces/{space}/resourcequotas/{name}", ["action"] = "fail", ["status"] = 409, ["times"] = 2,
        });

        (await run.DoAsync(StepIds.Limits)).Resources.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("https://portal.example", "portal.example")]
    public async Task Links_to_the_catalog_lead_to_where_people_look_at_it(string portal, string host)
    {
        (string, string)[] settings = portal.Length > 0 ? [("Onramp:Catalog:PortalUrl", portal)] : [];
        await using var run = SandboxRun.Create(fixture.Sandbox, settings: settings);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        await run.DoUntilAsync(StepIds.Catalog);

        var link = (await run.DoAsync(StepIds.Catalog)).Link.ShouldNotBeNull();

        link.ShouldStartWith(portal.Length > 0 ? $"https://{host}/catalog/" : fixture.Sandbox.Catalog.ToString());
    }

    [Fact]
    public async Task A_teams_folder_that_was_there_stays()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await others.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = "team-payments", ["title"] = "Payments" });

        (await run.DoAsync(StepIds.DashboardFolder)).Resources.ShouldHaveSingleItem().Created.ShouldBeFalse();
        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldContain("grafana folder team-payments");
    }

    [Fact]
    public async Task A_folder_of_this_run_that_others_use_by_now_stays()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.DashboardFolder);
        await others.GrafanaAsync("POST", "/api/dashboards/db", new JsonObject
        {
            ["dashboard"] = new JsonObject { ["uid"] = "theirs", ["title"] = "theirs" }, ["folderUid"] = "team-payments", ["overwrite"] = true,
        });

        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldContain("grafana dashboard theirs");
    }

    [Fact]
    public async Task A_dashboard_of_another_owner_is_refused_and_left_alone()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await others.GrafanaAsync("POST", "/api/dashboards/db", new JsonObject
        {
            ["dashboard"] = new JsonObject { ["uid"] = run.Names.DashboardUid, ["title"] = "theirs" }, ["overwrite"] = true,
        });
        await run.DoAsync(StepIds.DashboardFolder);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Dashboard))).ErrorType.ShouldBe(ErrorTypes.OwnedByOther);
        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldContain($"grafana dashboard {run.Names.DashboardUid}");
    }

    [Fact]
    public void A_condition_about_an_older_generation_says_nothing()
    {
        var stale = new Kustomization
        {
            Metadata = new V1ObjectMeta { Generation = 2 },
            Status = new FluxStatus(ObservedGeneration: 1, [new StatusCondition("Ready", "True")]),
        };

        Delivery.Flux(stale).Problem.ShouldNotBeNull();
        stale.Status = stale.Status with { ObservedGeneration = 2 };
        Delivery.Flux(stale).Problem.ShouldBeNull();
    }

    [Theory]
    [InlineData("1", "1000m", true)]
    [InlineData("1Gi", "1024Mi", true)]
    [InlineData("2", "2", true)]
    [InlineData("1", "2", false)]
    [InlineData("1Gi", null, false)]
    public void A_quota_is_in_force_when_its_amounts_are_equal_by_value(string wanted, string? inForce, bool equal)
    {
        var quota = new V1ResourceQuota
        {
            Spec = new V1ResourceQuotaSpec { Hard = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(wanted) } },
            Status = new V1ResourceQuotaStatus { Hard = new Dictionary<string, ResourceQuantity>() },
        };
        if (inForce is not null)
            quota.Status.Hard["cpu"] = new ResourceQuantity(inForce);

        ServiceChecks.IsInForce(quota).ShouldBe(equal);
    }

    [Fact]
    public async Task Tells_chat_mail_and_the_pager_without_telling_their_secrets()
    {
        await using var run = await fixture.StartAsync();
        var input = new NotificationInput
        {
            Key = run.Input(StepIds.Notify).Key,
            Kind = NotificationKinds.UndoFailing,
            Title = "orders: undo keeps failing",
            Text = "look",
            Channel = "#payments",
            Email = "payments@acme.test",
        };

        await run.CallAsync(ActivityNames.Notify, [input]);

        var told = (await run.LedgerAsync()).Select(e => e!["system"]!.ToString()).ToList();
        told.ShouldBe(["chat", "chat", "mail", "pagerduty"], ignoreOrder: true);
        await run.AddFaultAsync(new JsonObject { ["system"] = "chat", ["action"] = "fail", ["status"] = 404, ["times"] = 2 });
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.Notify, [input]));
        failure.ToString().ShouldNotContain(fixture.Sandbox.Options.Credentials.SlackWebhookSecret);
        failure.ToString().ShouldNotContain(fixture.Sandbox.Options.Credentials.TeamsWebhookSignature);
    }
}
