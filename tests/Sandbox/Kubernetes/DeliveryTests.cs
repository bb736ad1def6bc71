using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Kubernetes;

public sealed class DeliveryTests
{
    private const string Sources = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories";
    private const string Kustomizations = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations";
    private const string Projects = "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects";
    private const string Applications = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";

    private static JsonObject Source(string repository, string branch = "main", bool login = true)
    {
        var source = Objects.Named("source.toolkit.fluxcd.io/v1", "GitRepository", "orders");
        source["spec"] = new JsonObject
        {
            ["url"] = $"https://github.com/acme/{repository}.git", ["ref"] = new JsonObject { ["branch"] = branch }, ["interval"] = "1m", ["provider"] = "generic",
        };
        if (login)
        {
            source["spec"]!["secretRef"] = new JsonObject { ["name"] = "login" };
        }

        return source;
    }

    private static JsonObject Project()
    {
        var project = Objects.Named("argoproj.io/v1alpha1", "AppProject", "own");
        project["metadata"]!["finalizers"] = new JsonArray("resources-finalizer.argocd.argoproj.io");
        project["spec"] = new JsonObject
        {
            ["sourceRepos"] = new JsonArray("https://github.com/acme/golden-path-frontend.git"),
            ["destinations"] = new JsonArray(new JsonObject { ["server"] = "https://kubernetes.default.svc", ["namespace"] = "default" }),
        };
        return project;
    }

    private static JsonObject Application(string project, string repository, string space)
    {
        var application = Objects.Named("argoproj.io/v1alpha1", "Application", "orders");
        application["metadata"]!["finalizers"] = new JsonArray("resources-finalizer.argocd.argoproj.io");
        application["spec"] = new JsonObject
        {
            ["project"] = project,
            ["source"] = new JsonObject { ["repoURL"] = repository, ["targetRevision"] = "main", ["path"] = "k8s" },
            ["destination"] = new JsonObject { ["server"] = "https://kubernetes.default.svc", ["namespace"] = space },
            ["syncPolicy"] = new JsonObject { ["automated"] = new JsonObject() },
        };
        return application;
    }

    private static async Task PostAsync(SandboxFixture sandbox, JsonObject source)
    {
        await PostSecretAsync(sandbox, ("password", "of-a-bot"));
        (await sandbox.KubernetesAsync("POST", Sources, source)).Status.ShouldBe(201);
    }

    private static async Task PostSecretAsync(SandboxFixture sandbox, params (string Key, string Value)[] data)
    {
        var secret = Objects.Named("v1", "Secret", "login");
        secret["data"] = new JsonObject([.. data.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(d.Value))))]);
        (await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/flux-system/secrets", secret)).Status.ShouldBe(201);
    }

    private static JsonObject Kustomization(string path)
    {
        var item = Objects.Named("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "orders");
        item["spec"] = new JsonObject
        {
            ["sourceRef"] = new JsonObject { ["kind"] = "GitRepository", ["name"] = "orders" }, ["path"] = path, ["prune"] = true, ["interval"] = "1m", ["targetNamespace"] = "default",
        };
        return item;
    }

    private static async Task<string> ReadyAsync(SandboxFixture sandbox, string path)
    {
        var condition = (await sandbox.KubernetesAsync("GET", path)).Json["status"]?["conditions"]?[0];
        return condition is null ? "none" : $"{condition["status"]} {condition["reason"]}";
    }

    private static void Pass(SandboxFixture sandbox, int seconds = 10) => sandbox.Time.Advance(seconds);

    [Theory]
    [InlineData("absent", "main", true, "False GitOperationFailed")]
    [InlineData("golden-path-frontend", "master", true, "False GitOperationFailed")]
    [InlineData("golden-path-frontend", "main", false, "False GitOperationFailed")]
    [InlineData("golden-path-frontend", "main", true, "True Succeeded")]
    public async Task Source_is_ready_when_it_could_be_cloned(string repository, string branch, bool login, string expected)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await PostAsync(sandbox, Source(repository, branch, login));
        (await ReadyAsync(sandbox, Sources + "/orders")).ShouldBe("none");
        Pass(sandbox);
        (await ReadyAsync(sandbox, Sources + "/orders")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("github", null, "False InvalidProviderConfiguration True")]
    [InlineData("github", "githubAppID", "False AuthenticationFailed -")]
    [InlineData("github", "password", "False InvalidProviderConfiguration True")]
    [InlineData("generic", "githubAppID", "False InvalidProviderConfiguration True")]
    [InlineData("generic", "password", "True Succeeded -")]
    public async Task A_sources_provider_and_its_secret_have_to_fit(string provider, string? key, string expected)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var source = Source("golden-path-frontend", login: key is not null);
        source["spec"]!["provider"] = provider;
        if (key is not null)
            await PostSecretAsync(sandbox, (key, "1"));
        await sandbox.KubernetesAsync("POST", Sources, source);
        Pass(sandbox);

        var conditions = (await sandbox.KubernetesAsync("GET", Sources + "/orders")).Json["status"]!["conditions"]!.AsArray();

        var stalled = conditions.SingleOrDefault(c => c!["type"]!.ToString() == "Stalled")?["status"]!.ToString() ?? "-";
        $"{conditions[0]!["status"]} {conditions[0]!["reason"]} {stalled}".ShouldBe(expected);
    }

    [Theory]
    [InlineData("absent", "https://github.com/acme/golden-path-frontend", "default", "Application referencing project absent which does not exist")]
    [InlineData("own", "https://github.com/acme/golden-path-batch-job", "default", "application repo https://github.com/acme/golden-path-batch-job is not permitted in project 'own'")]
    [InlineData("own", "https://github.com/acme/golden-path-frontend", "kube-system",
        "application destination server 'https://kubernetes.default.svc' and namespace 'kube-system' do not match any of the allowed destinations in project 'own'")]
    [InlineData("own", "https://github.com/acme/golden-path-frontend", "default", null)]
    public async Task An_application_may_do_what_its_project_permits(string project, string repository, string space, string? refusal)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        (await sandbox.KubernetesAsync("POST", Projects, Project())).Status.ShouldBe(201);
        await sandbox.KubernetesAsync("POST", Applications, Application(project, repository, space));
        Pass(sandbox);

        var status = (await sandbox.KubernetesAsync("GET", Applications + "/orders")).Json["status"]!;

        status["conditions"]!.AsArray().SingleOrDefault()?["message"]!.ToString().ShouldBe(refusal);
    }

    [Fact]
    public async Task A_project_stays_as_long_as_an_application_is_in_it()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.KubernetesAsync("POST", Projects, Project());
        await sandbox.KubernetesAsync("POST", Applications, Application("own", "https://github.com/acme/golden-path-frontend", "default"));
        await sandbox.KubernetesAsync("DELETE", Projects + "/own");
        Pass(sandbox);
        (await sandbox.KubernetesAsync("GET", Projects + "/own")).Status.ShouldBe(200);
        await sandbox.KubernetesAsync("DELETE", Applications + "/orders");
        Pass(sandbox);
        Pass(sandbox);

        (await sandbox.KubernetesAsync("GET", Projects + "/own")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("./k8s", "True ReconciliationSucceeded")]
    [InlineData("./absent", "False ArtifactFailed")]
    public async Task Kustomization_waits_for_its_source_and_needs_its_path(string path, string expected)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.KubernetesAsync("POST", Kustomizations, Kustomization(path));
        Pass(sandbox);
        (await ReadyAsync(sandbox, Kustomizations + "/orders")).ShouldBe("False ArtifactFailed");
        await PostAsync(sandbox, Source("golden-path-frontend"));
        for (var i = 0; i < 5; i++)
        {
            Pass(sandbox, 3);
            await ReadyAsync(sandbox, Kustomizations + "/orders");
        }

        (await ReadyAsync(sandbox, Kustomizations + "/orders")).ShouldBe(expected);
    }

    [Fact]
    public async Task New_spec_is_observed_later_than_it_is_written()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await PostAsync(sandbox, Source("golden-path-frontend"));
        Pass(sandbox);
        var changed = await sandbox.KubernetesAsync(
            "PATCH", Sources + "/orders", new JsonObject { ["spec"] = new JsonObject { ["interval"] = "5m" } }, "application/merge-patch+json");
        changed.Json["metadata"]!["generation"]!.GetValue<int>().ShouldBe(2);
        changed.Json["status"]!["observedGeneration"]!.GetValue<int>().ShouldBe(1);
        Pass(sandbox);
        (await sandbox.KubernetesAsync("GET", Sources + "/orders")).Json["status"]!["observedGeneration"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Finalizer_holds_a_deleted_object_until_its_controller_lets_go()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await PostAsync(sandbox, Source("golden-path-frontend"));
        Pass(sandbox);
        (await sandbox.KubernetesAsync("DELETE", Sources + "/orders")).Json["metadata"]!["deletionTimestamp"].ShouldNotBeNull();
        (await sandbox.KubernetesAsync("GET", Sources + "/orders")).Status.ShouldBe(200);
        Pass(sandbox);
        (await sandbox.KubernetesAsync("GET", Sources + "/orders")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("k8s", true, "Synced")]
    [InlineData("k8s", false, "OutOfSync")]
    [InlineData("absent", true, "Unknown")]
    public async Task Application_syncs_what_it_finds_when_told_to(string path, bool automated, string expected)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var application = Objects.Named("argoproj.io/v1alpha1", "Application", "orders");
        application["spec"] = new JsonObject
        {
            ["project"] = "default",
            ["source"] = new JsonObject { ["repoURL"] = "https://github.com/acme/golden-path-frontend", ["targetRevision"] = "main", ["path"] = path },
            ["destination"] = new JsonObject { ["server"] = "https://kubernetes.default.svc", ["namespace"] = "default" },
            ["syncPolicy"] = automated ? new JsonObject { ["automated"] = new JsonObject { ["prune"] = true } } : null,
        };
        (await sandbox.KubernetesAsync("POST", Applications, application)).Status.ShouldBe(201);
        Pass(sandbox);
        (await sandbox.KubernetesAsync("GET", Applications + "/orders")).Json["status"]!["sync"]!["status"]!.GetValue<string>().ShouldBe(expected);
    }

    [Fact]
    public async Task Resources_of_a_group_that_is_not_installed_are_unknown()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Seed.MissingCustomResourceGroups.Add("argoproj.io"));
        var answer = await sandbox.KubernetesAsync("GET", Applications);
        (answer.Status, answer.Body).ShouldBe((404, "404 page not found\n"));
        (await sandbox.KubernetesAsync("GET", "/apis")).Body.ShouldNotContain("argoproj.io");
    }

    [Fact]
    public async Task Tokens_and_fields_are_checked()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces", token: "wrong")).Json["reason"]!.GetValue<string>().ShouldBe("Unauthorized");
        var viewer = sandbox.Host.Options.Credentials.KubernetesReadToken;
        (await sandbox.KubernetesAsync("GET", "/api/v1/namespaces", token: viewer)).Status.ShouldBe(200);
        (await sandbox.KubernetesAsync("POST", "/api/v1/namespaces", Objects.Named("v1", "Namespace", "x"), token: viewer)).Json["message"]!.GetValue<string>()
            .ShouldBe("namespaces \"\" is forbidden: User \"viewer\" cannot create resource \"namespaces\" in API group \"\" at the cluster scope");
        (await sandbox.CreateNamespaceAsync("Bad_Name")).Status.ShouldBe(422);
        var quota = Objects.Quota("q", ("pods", "many"));
        var invalid = await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/default/resourcequotas", quota);
        invalid.Json["details"]!["causes"]![0]!["field"]!.GetValue<string>().ShouldBe("spec.hard[pods]");
        quota = Objects.Quota("q", ("pods", "1"));
        quota["spec"]!["unknown"] = true;
        (await sandbox.KubernetesAsync("POST", "/api/v1/namespaces/default/resourcequotas?fieldValidation=Strict", quota)).Status.ShouldBe(400);
    }
}
