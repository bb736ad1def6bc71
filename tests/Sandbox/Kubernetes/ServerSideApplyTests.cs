using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Kubernetes;

public sealed class ServerSideApplyTests
{
    private const string Path = "/api/v1/namespaces/default/resourcequotas/plan";

    [Fact]
    public async Task First_apply_creates_and_the_same_again_changes_nothing()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var first = await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform");
        first.Status.ShouldBe(201, first.Body);
        sandbox.Time.Advance(60);
        await sandbox.KubernetesAsync("GET", Path);
        var settled = await sandbox.KubernetesAsync("GET", Path);
        var second = await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform");
        second.Status.ShouldBe(200);
        second.Json["metadata"]!["resourceVersion"]!.GetValue<string>().ShouldBe(settled.Json["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task Another_managers_value_is_a_conflict_until_forced()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform");
        await sandbox.KubernetesAsync(
            "PATCH",
            Path + "?fieldManager=kubectl-edit",
            new JsonObject { ["spec"] = new JsonObject { ["hard"] = new JsonObject { ["pods"] = "99" } } },
            "application/merge-patch+json");

        var conflict = await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform");
        conflict.Status.ShouldBe(409);
        conflict.Json["message"]!.GetValue<string>().ShouldBe("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .spec.hard.pods");
        conflict.Json["details"]!["causes"]![0]!.ToJsonString()
            .ShouldBe("""{"reason":"FieldManagerConflict","message":"conflict with \u0022kubectl-edit\u0022 using v1","field":".spec.hard.pods"}""");

        var forced = await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform", force: true);
        forced.Status.ShouldBe(200);
        forced.Json["spec"]!["hard"]!["pods"]!.GetValue<string>().ShouldBe("10");
        forced.Json["metadata"]!["managedFields"]!.AsArray().Select(m => m!["manager"]!.GetValue<string>()).ShouldBe(["platform"]);
    }

    [Fact]
    public async Task Fields_left_out_are_removed_unless_someone_else_owns_them()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10"), ("services", "3"), ("secrets", "4")), "platform");
        await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("services", "3")), "other");
        var after = await sandbox.ApplyAsync(Path, Objects.Quota("plan", ("pods", "10")), "platform");
        after.Json["spec"]!["hard"]!.ToJsonString().ShouldBe("""{"pods":"10","services":"3"}""");
    }

    [Theory]
    [InlineData("?force=true", 422)]
    [InlineData("?fieldManager=x", 400)]
    public async Task Malformed_applies_are_refused(string query, int status)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var body = Objects.Quota("plan", ("pods", "10"));
        body["metadata"]!["managedFields"] = query.Contains("fieldManager", StringComparison.Ordinal) ? new JsonArray() : null;
        (await sandbox.KubernetesAsync("PATCH", Path + query, body, "application/apply-patch+yaml")).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Stale_replace_conflicts_and_role_reference_is_fixed()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var binding = Objects.Named("rbac.authorization.k8s.io/v1", "RoleBinding", "team");
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "edit" };
        var path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
        var live = (await sandbox.KubernetesAsync("POST", path, binding)).Json.AsObject();
        live["roleRef"]!["name"] = "view";
        var immutable = await sandbox.KubernetesAsync("PUT", path + "/team", live.DeepClone());
        immutable.Status.ShouldBe(422);
        immutable.Json["message"]!.GetValue<string>().ShouldContain("cannot change roleRef");
        live["metadata"]!["resourceVersion"] = "1";
        (await sandbox.KubernetesAsync("PUT", path + "/team", live)).Json["reason"]!.GetValue<string>().ShouldBe("Conflict");
    }
}
