using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Verification;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Activities.Tests;

/// <summary>How every call to a cluster behaves, whichever kind of object it is about.</summary>
public sealed class ClusterCallTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly ObjectRef Default = new(null, "default");

    [Fact]
    public async Task Every_call_carries_the_steps_key()
    {
        await using var run = await fixture.StartAsync();
        using var probe = new ClusterProbe(fixture.Sandbox);

        await EveryCallAsync(probe.Cluster, run);

        probe.Requests.Select(r => r.Method).Distinct().ShouldBe(["POST", "GET", "PATCH", "DELETE"], ignoreOrder: true);
        probe.Requests.ShouldAllBe(r => r.CorrelationId == ClusterProbe.Key.CorrelationId);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_call_that_fails_is_not_tried_again_by_itself(int status)
    {
        await using var run = await fixture.StartAsync();
        using var probe = new ClusterProbe(fixture.Sandbox);
        await run.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["status"] = status, ["times"] = 9 });

        await Should.ThrowAsync<ApplicationFailureException>(() => probe.Cluster.FindAsync(Kinds.Namespace, Default, default));

        probe.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_dropped_connection_is_not_tried_again_by_itself()
    {
        await using var run = await fixture.StartAsync();
        using var probe = new ClusterProbe(fixture.Sandbox);
        await run.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["action"] = "drop", ["times"] = 9 });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => probe.Cluster.FindAsync(Kinds.Namespace, Default, default));

        (probe.Requests.Count, failure.ErrorType).ShouldBe((1, ErrorTypes.Transient));
    }

    [Theory]
    [InlineData(429, ErrorTypes.RateLimited)]
    [InlineData(503, ErrorTypes.Transient)]
    public async Task Retry_After_becomes_the_next_retry_delay(int status, string type)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes", ["status"] = status, ["headers"] = new JsonObject { ["Retry-After"] = "17" },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]));

        (failure.ErrorType, failure.NextRetryDelay).ShouldBe((type, TimeSpan.FromSeconds(17)));
    }

    [Fact]
    public async Task The_wait_in_a_throttled_answers_body_becomes_the_next_retry_delay()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes",
            ["status"] = 500,
            ["body"] = new JsonObject { ["kind"] = "Status", ["details"] = new JsonObject { ["retryAfterSeconds"] = 9 } },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]));

        failure.NextRetryDelay.ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    public async Task A_redirect_on_the_same_host_is_followed_with_verb_and_body(int status)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(Redirect(status, "/api/v1/namespaces?fieldManager=redirected"));

        await run.DoAsync(StepIds.Namespace);

        using var others = new SandboxApi(fixture.Sandbox);
        var made = await others.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev");
        made!["metadata"]!["managedFields"]![0]!["manager"]!.ToString().ShouldBe("redirected");
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_not_followed()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(Redirect(307, new UriBuilder(fixture.Sandbox.Kubernetes) { Host = "localhost", Path = "/api/v1/namespaces" }.Uri.ToString()));

        await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]));

        (await run.KeysAsync()).ShouldNotContain(k => k.EndsWith("orders-dev", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_is_read_to_its_last_page()
    {
        var options = SandboxSettings.Fast();
        options.KubernetesPageSize = 2;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoUntilAsync(StepIds.NetworkPolicies);
        await run.DoAsync(StepIds.NetworkPolicies);
        using var probe = new ClusterProbe(sandbox);

        var found = await probe.Cluster.ListNetworkPoliciesAsync(run.Names.Namespace, default);

        found.Select(p => p.Name()).ShouldBe(NetworkPolicies.For(run.Input(StepIds.NetworkPolicies)).Select(p => p.Name()), ignoreOrder: true);
        probe.Requests.Count.ShouldBe((found.Count + 1) / 2);
    }

    [Fact]
    public async Task Verification_sees_what_is_beyond_the_first_page()
    {
        var options = SandboxSettings.Fast();
        options.KubernetesPageSize = 1;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAllAsync();

        var check = run.Service<VerificationActivities>();

        (await check.VerifyAsync(run.Input(StepIds.Verification))).WaitingFor.ShouldBeNull();
    }

    [Fact]
    public async Task A_namespace_that_an_API_server_does_not_know_yet_is_waited_for()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Limits);
        await run.AddFaultAsync(MissingNamespace());

        (await run.DoAsync(StepIds.Limits)).Ready.ShouldBeTrue();
        run.LastFailure!.ErrorType.ShouldBe(ErrorTypes.Transient);
    }

    [Fact]
    public async Task A_namespace_that_stays_unknown_ends_the_step()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Limits);
        await run.AddFaultAsync(MissingNamespace());
        var environment = new ActivityEnvironment
        {
            Info = ActivityEnvironment.DefaultInfo with { ScheduledTime = DateTime.UtcNow - TimeSpan.FromMinutes(6) },
        };

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => environment.RunAsync(() => run.CallAsync(ActivityNames.ApplyLimits, [run.Input(StepIds.Limits)])));

        failure.ErrorType.ShouldBe(ErrorTypes.NotFound);
    }

    [Fact]
    public async Task What_is_applied_is_taken_over_by_force_under_one_field_manager()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Limits);
        await run.DoAsync(StepIds.Limits);
        using var others = new SandboxApi(fixture.Sandbox);

        var quota = (await others.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev/resourcequotas/platform-plan"))!;

        var managed = quota["metadata"]!["managedFields"]!.AsArray().Single(m => m!["operation"]!.ToString() == "Apply")!;
        managed["manager"]!.ToString().ShouldBe(Kinds.FieldManager);
    }

    [Fact]
    public async Task Another_object_under_the_same_name_is_spared_by_the_uid()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.ServiceAccount);
        await run.DoAsync(StepIds.ServiceAccount);
        // Between the look and the delete somebody makes it anew: the answer to the look is of the former one.
        var path = $"/api/v1/namespaces/orders-dev/serviceaccounts/{run.Names.ServiceAccount}";
        var former = (await others.KubernetesAsync("GET", path))!;
        former["metadata"]!["uid"] = "00000000-0000-4000-8000-000000000000";
        await run.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "GET", ["route"] = path, ["status"] = 200, ["body"] = former });

        await run.CallAsync(ActivityNames.DeleteServiceAccount, [run.Input(StepIds.Namespace), null]);

        (await others.KubernetesAsync("GET", path)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_conflict_while_creating_is_looked_at_again()
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.Namespace);
        await run.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "GET", ["status"] = 404 });

        var result = (StepResult)(await run.CallAsync(ActivityNames.CreateNamespace, [run.Input(StepIds.Namespace)]))!;

        result.Ready.ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_is_not_the_clusters_is_a_failure_to_try_again()
    {
        await using var run = await fixture.StartAsync();
        using var probe = new ClusterProbe(fixture.Sandbox);
        await run.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["status"] = 200, ["body"] = "<html>log in here</html>" });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => probe.Cluster.FindAsync(Kinds.Namespace, Default, default));

        failure.ErrorType.ShouldBe(ErrorTypes.Transient);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_no_failure()
    {
        using var probe = new ClusterProbe(fixture.Sandbox);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => probe.Cluster.FindAsync(Kinds.Namespace, Default, cancel.Token));
    }

    /// <summary>Create, read, apply, list, delete, of typed and of custom kinds.</summary>
    private static async Task EveryCallAsync(Cluster cluster, SandboxRun run)
    {
        var input = run.Input(StepIds.Namespace);
        await cluster.TryCreateAsync(NamespaceObjects.Namespace(input), default);
        await cluster.ApplyAsync(Kinds.LimitRange, NamespaceObjects.Limits(input), default);
        await cluster.ReplaceAsync(NamespaceObjects.TeamBinding(input), default);
        await cluster.TryApplyAsync(Kinds.ServiceMonitor, NamespaceObjects.ServiceMonitor(input), default);
        await cluster.ListNetworkPoliciesAsync(input.Names.Namespace, default);
        await cluster.DeleteMarkedAsync(Kinds.ServiceMonitor, new ObjectRef(input.Names.Namespace, input.Request.Name), input.Key.Mark, default);
        await cluster.DeleteMarkedAsync(Kinds.Namespace, new ObjectRef(null, input.Names.Namespace), input.Key.Mark, default);
    }

    private static JsonObject Redirect(int status, string location) => new()
    {
        ["system"] = "kubernetes", ["method"] = "POST", ["status"] = status, ["headers"] = new JsonObject { ["Location"] = location },
    };

    private static JsonObject MissingNamespace() => new()
    {
        ["system"] = "kubernetes",
        ["method"] = "PATCH",
        ["status"] = 404,
        ["body"] = new JsonObject
        {
            ["kind"] = "Status",
            ["message"] = "namespaces \"orders-dev\" not found",
            ["reason"] = "NotFound",
            ["details"] = new JsonObject { ["name"] = "orders-dev", ["kind"] = "namespaces" },
        },
    };
}
