using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>What makes a cluster deliver a repository.</summary>
internal static class DeliveryObjects
{
    /// <summary>Account that Flux acts as in the namespace: it may do there what <c>edit</c> may, and nothing elsewhere.</summary>
    public const string DeployerAccount = "gitops-deployer";

    private const string ArgoCdFinalizer = "resources-finalizer.argocd.argoproj.io";

    public static JsonObject Deployer(StepInput input) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = NamespaceObjects.Metadata(input, DeployerAccount),
    };

    public static JsonObject DeployerBinding(StepInput input) => NamespaceObjects.Binding(
        input,
        DeployerAccount,
        "edit",
        new JsonObject { ["kind"] = "ServiceAccount", ["name"] = DeployerAccount, ["namespace"] = input.Names.Namespace });

    public static JsonObject GitRepository(StepInput input)
    {
        var platform = input.Platform.Kubernetes;
        var spec = new JsonObject
        {
            ["url"] = input.Fact(StepFacts.RepositoryCloneUrl),
            ["ref"] = new JsonObject { ["branch"] = input.Fact(StepFacts.DefaultBranch) },
            ["interval"] = "1m0s",
            // Repositories are private; as a GitHub App the controller logs in without a secret of each namespace.
            ["provider"] = platform.FluxProvider,
        };
        if (platform.FluxSecretName.Length > 0)
            spec["secretRef"] = new JsonObject { ["name"] = platform.FluxSecretName };
        return NamespaceObjects.Of(Kinds.GitRepository, NamespaceObjects.Metadata(input, input.Names.GitOpsObject), "spec", spec);
    }

    public static JsonObject Kustomization(StepInput input) => NamespaceObjects.Of(
        Kinds.Kustomization,
        NamespaceObjects.Metadata(input, input.Names.GitOpsObject),
        "spec",
        new JsonObject
        {
            ["sourceRef"] = new JsonObject { ["kind"] = "GitRepository", ["name"] = input.Names.GitOpsObject },
            ["path"] = input.Platform.Kubernetes.ManifestPath,
            ["prune"] = true,
            ["interval"] = "5m0s",
            ["retryInterval"] = "1m0s",
            ["timeout"] = "5m0s",
            ["wait"] = true,
            ["targetNamespace"] = input.Names.Namespace,
            ["serviceAccountName"] = DeployerAccount,
        });

    /// <summary>The finalizer makes deletion take the workloads along.</summary>
    public static JsonObject Application(StepInput input)
    {
        var platform = input.Platform.Kubernetes;
        var metadata = KubernetesMarks.Metadata(input, input.Names.GitOpsObject, platform.ArgoCdNamespace);
        metadata["finalizers"] = new JsonArray(ArgoCdFinalizer);
        var path = platform.ManifestPath;
        return NamespaceObjects.Of(Kinds.Application, metadata, "spec", new JsonObject
        {
            ["project"] = platform.ArgoCdProject,
            ["source"] = new JsonObject
            {
                ["repoURL"] = input.Fact(StepFacts.RepositoryCloneUrl),
                ["targetRevision"] = input.Fact(StepFacts.DefaultBranch),
                ["path"] = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path,
            },
            ["destination"] = new JsonObject { ["server"] = "https://kubernetes.default.svc", ["namespace"] = input.Names.Namespace },
            ["syncPolicy"] = new JsonObject
            {
                ["automated"] = new JsonObject { ["prune"] = true, ["selfHeal"] = true },
                ["syncOptions"] = new JsonArray("CreateNamespace=false", "ServerSideApply=true"),
            },
        });
    }
}
