using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Kubernetes;

public sealed class NamespaceTests
{
    [Fact]
    public async Task Deleted_namespace_terminates_before_it_is_gone()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = Objects.Stable(await sandbox.StateAsync());
        (await sandbox.CreateNamespaceAsync("orders-dev")).Status.ShouldBe(201);
        sandbox.Time.Advance(1);
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev/serviceaccounts/default")).Status.ShouldBe(200);

        var deleted = await sandbox.KubernetesAsync("DELETE", "/api/v1/namespaces/orders-dev");
        deleted.Json["status"]!["phase"]!.GetValue<string>().ShouldBe("Terminating");
        var content = await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/orders-dev/configmaps", Objects.ConfigMap("late"));
        content.Status.ShouldBe(403);
        content.Json["details"]!["causes"]![0]!["reason"]!.GetValue<string>().ShouldBe("NamespaceTerminating");
        var again = await sandbox.CreateNamespaceAsync("orders-dev");
        again.Status.ShouldBe(409);
        again.Json["message"]!.GetValue<string>().ShouldBe("object is being deleted: namespaces \"orders-dev\" already exists");

        sandbox.Time.Advance(1);
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/orders-dev")).Status.ShouldBe(404);
        Objects.Stable(await sandbox.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Namespace_is_held_by_finalizers_inside_it()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.CreateNamespaceAsync("held");
        var held = Objects.ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("example.com/mine");
        await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/held/configmaps", held);
        await sandbox.KubernetesAsync("DELETE", "/api/v1/namespaces/held");
        sandbox.Time.Advance(5);
        var space = await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/held");
        space.Json["status"]!["conditions"]!.AsArray().Select(c => c!["type"]!.GetValue<string>())
            .ShouldBe(["NamespaceContentRemaining", "NamespaceFinalizersRemaining"]);

        await sandbox.KubernetesAsync(
            "PATCH",
            "/api/v1/namespaces/held/configmaps/held",
            new JsonArray(new JsonObject { ["op"] = "remove", ["path"] = "/metadata/finalizers" }),
            "application/json-patch+json");
        sandbox.Time.Advance(2);
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/held")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Delete_with_another_uid_is_refused()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.CreateNamespaceAsync("mine");
        var answer = await sandbox.KubernetesAsync(
            "DELETE", "/api/v1/namespaces/mine", new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = "00000000-0000-0000-0000-000000000000" } });
        answer.Status.ShouldBe(409);
        answer.Json["reason"]!.GetValue<string>().ShouldBe("Conflict");
    }

    [Fact]
    public async Task Quota_is_enforced_and_its_status_follows()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.CreateNamespaceAsync("small");
        sandbox.Time.Advance(1);
        await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/small/resourcequotas", Objects.Quota("plan", ("configmaps", "2")));
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/small/resourcequotas/plan")).Json["status"].ShouldBeNull();
        (await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/small/configmaps", Objects.ConfigMap("a"))).Status.ShouldBe(201);
        var refused = await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/small/configmaps", Objects.ConfigMap("b"));
        refused.Status.ShouldBe(403);
        refused.Json["message"]!.GetValue<string>()
            .ShouldBe("configmaps \"b\" is forbidden: exceeded quota: plan, requested: configmaps=1, used: configmaps=2, limited: configmaps=2");
        sandbox.Time.Advance(1);
        var status = (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces/small/resourcequotas/plan")).Json["status"]!;
        status.ToJsonString().ShouldBe("""{"hard":{"configmaps":"2"},"used":{"configmaps":"2"}}""");
    }

    [Theory]
    [InlineData("/apis/absent.example.com/v1/namespaces/default/things/x", "404 page not found\n")]
    [InlineData("/apis/absent.example.com/v1/things", "404 page not found\n")]
    public async Task A_group_that_nothing_serves_is_no_path_at_all(string path, string body)
    {
        await using var sandbox = await SandboxFixture.StartAsync();

        var answer = await sandbox.KubernetesAsync("GET", path);

        (answer.Status, answer.Body).ShouldBe((404, body));
    }
}
