using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// Flux and Argo CD: they look into the GitHub stand-in for what a resource names, say in its status how it went, keep their
/// finalizers, and try again as long as it didn't go well.
/// </summary>
internal sealed class DeliveryControllers(Cluster cluster)
{
    private const string FluxFinalizer = "finalizers.fluxcd.io";
    private const string ArgoFinalizer = "resources-finalizer.argocd.argoproj.io";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<string> Kinds { get; } = ["GitRepository", "Kustomization", "Application", "AppProject"];

    /// <summary>Looks at one object, named as <c>kind/namespace/name</c>.</summary>
    public void Reconcile(string key)
    {
        var parts = key.Split('/');
        if (ResourceType.Served(cluster.Documents).FirstOrDefault(t => t.Kind == parts[0]) is not { } type
            || cluster.Get(type, parts[1], parts[2]) is not { } item)
        {
            return;
        }

        var after = item.Copy();
        if (item.Text("metadata", "deletionTimestamp") is not null)
        {
            if (!ArgoProjects.MayGo(cluster.Documents, item))
            {
                cluster.Documents.Schedule("reconcile", key, s_retry);
                return;
            }

            after["metadata"]!["finalizers"] = Json.TextArray(item.Texts("metadata", "finalizers").Where(f => f is not (FluxFinalizer or ArgoFinalizer)));
            cluster.Save(type, item, after);
            return;
        }

        var ready = type.Kind switch
        {
            "GitRepository" => Source(after),
            "Kustomization" => Kustomization(after),
            "AppProject" => true,
            _ => Application(after),
        };

        // What was written is looked at again by itself; what stays as it was, and isn't well, is tried again later.
        if (!cluster.Save(type, item, after) && !ready)
        {
            cluster.Documents.Schedule("reconcile", key, s_retry);
        }
    }

    private bool Source(JsonObject source)
    {
        AddFinalizer(source, FluxFinalizer);
        var reference = source.Text("spec", "ref", "branch") ?? "master";
        var (tip, problem) = Tip(source.Text("spec", "url"), reference);
        if (FluxLogin.Check(cluster.Documents, source, Repository(source.Text("spec", "url")).Flag("private")) is { } login)
        {
            return login.Stalls
                ? Flux(source, false, login.Reason, login.Message, stalled: true)
                : Flux(source, false, login.Reason, login.Message);
        }

        if (tip is null)
        {
            return Flux(source, false, "GitOperationFailed", $"failed to checkout and determine revision: {problem}");
        }

        source.Ensure("status")["artifact"] = new JsonObject
        {
            ["revision"] = $"{reference}@sha1:{tip}",
            ["path"] = $"gitrepository/{source.Text("metadata", "namespace")}/{source.Text("metadata", "name")}/{tip}.tar.gz",
        };
        return Flux(source, true, "Succeeded", $"stored artifact for revision '{reference}@sha1:{tip}'");
    }

    private bool Kustomization(JsonObject item)
    {
        AddFinalizer(item, FluxFinalizer);
        var space = item.Text("spec", "sourceRef", "namespace") ?? item.Text("metadata", "namespace");
        var source = cluster.Documents.Get("gitrepositories.source.toolkit.fluxcd.io", $"{space}/{item.Text("spec", "sourceRef", "name")}");
        if (source is null)
        {
            return Flux(item, false, "ArtifactFailed", $"Source 'GitRepository/{space}/{item.Text("spec", "sourceRef", "name")}' not found");
        }

        if (source.Text("status", "artifact", "revision") is not { } revision)
        {
            return Flux(item, false, "ArtifactFailed", "Source is not ready, artifact not found");
        }

        var path = item.Text("spec", "path") ?? "./";
        if (!HasPath(source.Text("spec", "url"), revision, path))
        {
            return Flux(item, false, "ArtifactFailed", $"kustomization path not found: stat {path}: no such file or directory");
        }

        if (item.Text("spec", "targetNamespace") is { } target && !cluster.Documents.Has("namespaces", target))
        {
            return Flux(item, false, "ReconciliationFailed", $"namespaces \"{target}\" not found");
        }

        item.Ensure("status")["lastAppliedRevision"] = revision;
        item["status"]!["lastAttemptedRevision"] = revision;
        return Flux(item, true, "ReconciliationSucceeded", $"Applied revision: {revision}");
    }

    private bool Application(JsonObject item)
    {
        if (ArgoProjects.Refusal(cluster.Documents, item) is { } refusal)
        {
            return Argo(item, "Unknown", "Unknown", null, refusal, "InvalidSpecError");
        }

        var (url, target) = (item.Text("spec", "source", "repoURL"), item.Text("spec", "source", "targetRevision") ?? "HEAD");
        var (tip, problem) = Tip(url, target);
        var path = item.Text("spec", "source", "path") ?? ".";
        if (tip is not null && !HasPath(url, $"@sha1:{tip}", path))
        {
            (tip, problem) = (null, $"{path}: app path does not exist");
        }

        var destination = item.Text("spec", "destination", "namespace");
        if (tip is not null && destination is not null && !cluster.Documents.Has("namespaces", destination)
            && !item.Texts("spec", "syncPolicy", "syncOptions").Contains("CreateNamespace=true", StringComparer.Ordinal))
        {
            return Argo(item, "OutOfSync", "Missing", null, $"namespaces \"{destination}\" not found");
        }

        return tip is null
            ? Argo(item, "Unknown", "Healthy", null, $"Failed to load target state: failed to generate manifest for source 1 of 1: {problem}")
            : item.Object("spec", "syncPolicy", "automated") is null ? Argo(item, "OutOfSync", "Missing", tip, null)
            : Argo(item, "Synced", "Healthy", tip, null);
    }

    private static bool Argo(JsonObject item, string sync, string health, string? revision, string? problem, string type = "ComparisonError")
    {
        var status = item.Ensure("status");
        status["sync"] = new JsonObject { ["status"] = sync, ["revision"] = revision };
        status["health"] = new JsonObject { ["status"] = health };
        status["conditions"] = problem is null ? new JsonArray() : new JsonArray(new JsonObject { ["type"] = type, ["message"] = problem });
        if (sync == "Synced")
        {
            status["operationState"] = new JsonObject { ["phase"] = "Succeeded", ["message"] = "successfully synced (all tasks run)" };
        }

        return sync == "Synced";
    }

    /// <summary>Writes how it went; true when there is nothing to try again.</summary>
    private bool Flux(JsonObject item, bool ready, string reason, string message, bool stalled = false)
    {
        var status = item.Ensure("status");
        var before = (status.Array("conditions") ?? []).FirstOrDefault(c => c.Text("type") == "Ready");
        var word = ready ? "True" : "False";
        var conditions = new JsonArray(new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = word,
            ["reason"] = reason,
            ["message"] = message,
            ["observedGeneration"] = item.Number("metadata", "generation"),
            ["lastTransitionTime"] = before.Text("status") == word ? before.Text("lastTransitionTime") : cluster.Documents.Now.Seconds(),
        });
        if (stalled)
        {
            conditions.Add(new JsonObject
            {
                ["type"] = "Stalled", ["status"] = "True", ["reason"] = reason, ["message"] = message, ["observedGeneration"] = item.Number("metadata", "generation"),
            });
        }

        status["conditions"] = conditions;
        status["observedGeneration"] = item.Number("metadata", "generation");
        if (item.Text("metadata", "annotations", "reconcile.fluxcd.io/requestedAt") is { } requested)
        {
            status["lastHandledReconcileAt"] = requested;
        }

        return ready || stalled;
    }

    private static void AddFinalizer(JsonObject item, string finalizer)
    {
        var finalizers = item.Texts("metadata", "finalizers").ToList();
        if (!finalizers.Contains(finalizer, StringComparer.Ordinal))
        {
            item["metadata"]!["finalizers"] = Json.TextArray([.. finalizers, finalizer]);
        }
    }

    /// <summary>The repository that a clone URL leads to, whatever the host.</summary>
    private JsonObject? Repository(string? url)
    {
        var parts = (url ?? "").Replace(':', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2)
        {
            return null;
        }

        var name = parts[^1].EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? parts[^1][..^4] : parts[^1];
        return cluster.Documents.As("github").Get("repository", $"{parts[^2]}/{name}".ToLowerInvariant());
    }

    private GitStore Git(JsonObject repository) => new(cluster.Documents.As("github"), repository.Number("id")!.Value);

    private (string? Commit, string Problem) Tip(string? url, string reference)
    {
        if (Repository(url) is not { } repository)
        {
            return (null, "unable to clone: repository not found");
        }

        var branch = reference == "HEAD" ? repository.Text("default_branch")! : reference;
        return Git(repository).Branch(branch) is { } tip
            ? (tip, "")
            : (null, string.Create(CultureInfo.InvariantCulture, $"unable to clone: couldn't find remote ref \"refs/heads/{branch}\""));
    }

    private bool HasPath(string? url, string revision, string path)
    {
        var commit = revision[(revision.LastIndexOf(':') + 1)..];
        var folder = path.TrimStart('.').Trim('/');
        return Repository(url) is { } repository && Git(repository).Commit(commit) is not null
            && (folder.Length == 0 || Git(repository).TreeOfCommit(commit).Keys.Any(p => p.StartsWith(folder + "/", StringComparison.Ordinal)));
    }
}
