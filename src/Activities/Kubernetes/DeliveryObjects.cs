using System.Text;
using k8s;
using k8s.Models;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>What makes a cluster deliver a repository.</summary>
internal static class DeliveryObjects
{
    /// <summary>Account that Flux acts as in the namespace: it may do there what the team may outside production, and nothing elsewhere.</summary>
    public const string DeployerAccount = "gitops-deployer";

    private const string ArgoCdFinalizer = "resources-finalizer.argocd.argoproj.io";

    public static V1ServiceAccount Deployer(StepInput input) =>
        new V1ServiceAccount { Metadata = NamespaceObjects.Metadata(input, DeployerAccount) }.Initialize();

    public static V1RoleBinding DeployerBinding(StepInput input) => NamespaceObjects.Binding(
        input,
        DeployerAccount,
        input.Platform.Kubernetes.TeamRole,
        new Rbacv1Subject { Kind = V1ServiceAccount.KubeKind, Name = DeployerAccount, NamespaceProperty = input.Names.Namespace });

    public static GitRepository GitRepository(StepInput input)
    {
        var platform = input.Platform.Kubernetes;
        return new GitRepository
        {
            Metadata = NamespaceObjects.Metadata(input, input.Names.GitOpsObject),
            Spec = new GitRepositorySpec(
                input.Fact(StepFacts.RepositoryCloneUrl),
                new GitReference(input.Fact(StepFacts.DefaultBranch)),
                "1m0s",
                platform.FluxProvider,
                platform.FluxSecretName.Length > 0 ? new LocalName(platform.FluxSecretName) : null),
        }.Initialize();
    }

    /// <summary>What the controller logs in to GitHub with, as its documentation names it.</summary>
    public static V1Secret FluxLogin(StepInput input, FluxAppOptions app)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["githubAppID"] = Encoding.UTF8.GetBytes(app.AppId),
            ["githubAppInstallationID"] = Encoding.UTF8.GetBytes(app.InstallationId),
            ["githubAppPrivateKey"] = Encoding.UTF8.GetBytes(app.ReadKey() ?? ""),
        };
        if (!string.IsNullOrEmpty(app.BaseUrl))
            data["githubAppBaseURL"] = Encoding.UTF8.GetBytes(app.BaseUrl);
        return new V1Secret { Metadata = NamespaceObjects.Metadata(input, input.Platform.Kubernetes.FluxSecretName), Type = "Opaque", Data = data }.Initialize();
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

    /// <summary>
    /// What the application may do: this repository, into this namespace, nothing of the cluster's, and none of what the platform guards it
    /// with. The finalizer keeps it as long as an application is in it, which couldn't be removed without.
    /// </summary>
    public static AppProject AppProject(StepInput input)
    {
        var metadata = KubernetesMarks.Metadata(input, input.Names.GitOpsObject, input.Platform.Kubernetes.ArgoCdNamespace);
        metadata.Finalizers = [ArgoCdFinalizer];
        return new AppProject
        {
            Metadata = metadata,
            Spec = new AppProjectSpec(
                $"{input.Request.Name} in {input.Request.Environment}, of team {input.Request.Team}",
                [input.Fact(StepFacts.RepositoryCloneUrl)],
                [Destination(input)],
                ClusterResourceWhitelist: [],
                NamespaceResourceBlacklist:
                [
                    new("", V1ResourceQuota.KubeKind),
                    new("", V1LimitRange.KubeKind),
                    new(V1NetworkPolicy.KubeGroup, V1NetworkPolicy.KubeKind),
                    new(V1RoleBinding.KubeGroup, "*"),
                    new("security.istio.io", "*"),
                    new("networking.istio.io", "Sidecar"),
                ]),
        }.Initialize();
    }

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
                platform.SharesArgoCdProject ? platform.ArgoCdProject : input.Names.GitOpsObject,
                new ApplicationSource(
                    input.Fact(StepFacts.RepositoryCloneUrl),
                    input.Fact(StepFacts.DefaultBranch),
                    path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path),
                Destination(input),
                new SyncPolicy(new AutomatedSync(Prune: true, SelfHeal: true), ["CreateNamespace=false", "ServerSideApply=true"])),
        }.Initialize();
    }

    private static ApplicationDestination Destination(StepInput input) => new("https://kubernetes.default.svc", input.Names.Namespace);
}
