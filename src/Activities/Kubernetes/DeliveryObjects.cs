using k8s;
using k8s.Models;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>What makes a cluster deliver a repository.</summary>
internal static class DeliveryObjects
{
    /// <summary>Account that Flux acts as in the namespace: it may do there what <c>edit</c> may, and nothing elsewhere.</summary>
    public const string DeployerAccount = "gitops-deployer";

    private const string ArgoCdFinalizer = "resources-finalizer.argocd.argoproj.io";

    public static V1ServiceAccount Deployer(StepInput input) =>
        new V1ServiceAccount { Metadata = NamespaceObjects.Metadata(input, DeployerAccount) }.Initialize();

    public static V1RoleBinding DeployerBinding(StepInput input) => NamespaceObjects.Binding(
        input,
        DeployerAccount,
        "edit",
        new Rbacv1Subject { Kind = V1ServiceAccount.KubeKind, Name = DeployerAccount, NamespaceProperty = input.Names.Namespace });

    public static GitRepository GitRepository(StepInput input)
    {
        var platform = input.Platform.Kubernetes;
        return new GitRepository
        {
            Metadata = NamespaceObjects.Metadata(input, input.Names.GitOpsObject),
            // Repositories are private; as a GitHub App the controller logs in without a secret of each namespace.
            Spec = new GitRepositorySpec(
                input.Fact(StepFacts.RepositoryCloneUrl),
                new GitReference(input.Fact(StepFacts.DefaultBranch)),
                "1m0s",
                platform.FluxProvider,
                platform.FluxSecretName.Length > 0 ? new LocalName(platform.FluxSecretName) : null),
        }.Initialize();
    }

    public static Kustomization Kustomization(StepInput input) => new Kustomization
    {
        Metadata = NamespaceObjects.Metadata(input, input.Names.GitOpsObject),
        Spec = new KustomizationSpec(
            new KindAndName("GitRepository", input.Names.GitOpsObject),
            input.Platform.Kubernetes.ManifestPath,
            Interval: "5m0s",
            RetryInterval: "1m0s",
            Timeout: "5m0s",
            Prune: true,
            Wait: true,
            TargetNamespace: input.Names.Namespace,
            ServiceAccountName: DeployerAccount),
    }.Initialize();

    /// <summary>The finalizer makes deletion take the workloads along.</summary>
    public static Application Application(StepInput input)
    {
        var platform = input.Platform.Kubernetes;
        var metadata = KubernetesMarks.Metadata(input, input.Names.GitOpsObject, platform.ArgoCdNamespace);
        metadata.Finalizers = [ArgoCdFinalizer];
        var path = platform.ManifestPath;
        return new Application
        {
            Metadata = metadata,
            Spec = new ApplicationSpec(
                platform.ArgoCdProject,
                new ApplicationSource(
                    input.Fact(StepFacts.RepositoryCloneUrl),
                    input.Fact(StepFacts.DefaultBranch),
                    path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path),
                new ApplicationDestination("https://kubernetes.default.svc", input.Names.Namespace),
                new SyncPolicy(new AutomatedSync(Prune: true, SelfHeal: true), ["CreateNamespace=false", "ServerSideApply=true"])),
        }.Initialize();
    }
}
