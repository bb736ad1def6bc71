using System.IO.Enumeration;
using k8s;
using k8s.Models;
using Octokit;
using Onramp.Activities.Azure;
using Onramp.Activities.Catalog;
using Onramp.Activities.Common;
using Onramp.Activities.GitHub;
using Onramp.Activities.Grafana;
using Onramp.Activities.Kubernetes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Validation;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Onramp.Activities.Platform;

/// <summary>What has been found so far.</summary>
internal sealed class Findings
{
    private readonly List<AheadProblem> problems = [];

    public bool? RegistryByRepository { get; set; }

    public IReadOnlyList<DependencyFound> Dependencies { get; set; } = [];

    public void Add(string type, string field, string rule, string message) =>
        problems.Add(new AheadProblem(type, new FieldError(field, rule, $"{field}: {message}")));

    public LookAhead ToResult() => new() { Problems = problems, RegistryByRepository = RegistryByRepository, Dependencies = Dependencies };
}

/// <summary>
/// Looks at the systems before anybody is asked to approve: what is known to end the run ends it then. It changes nothing, and a look that
/// gets no answer refuses nothing.
/// </summary>
public sealed class LookAheadActivities
{
    private readonly IGitHubClient github;
    private readonly RepositoryLook repositories;
    private readonly AzureClient azure;
    private readonly Cluster cluster;
    private readonly GrafanaClient grafana;
    private readonly CatalogClient catalog;

    internal LookAheadActivities(IGitHubClient github, AzureClient azure, Cluster cluster, GrafanaClient grafana, CatalogClient catalog) =>
        (this.github, repositories, this.azure, this.cluster, this.grafana, this.catalog) =
        (github, new RepositoryLook(github), azure, cluster, grafana, catalog);

    [Activity(ActivityNames.LookAhead)]
    public async Task<LookAhead> LookAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var findings = new Findings();
        Func<StepInput, Findings, CancellationToken, Task>[] looks =
        [
            (i, f, _) => repositories.LookAsync(i, f), TeamAsync, GroupAsync, RegistryAsync, NamespaceAsync, RoleAsync, DependenciesAsync, DeliveryAsync, DashboardAsync,
            CatalogAsync,
        ];
        foreach (var look in looks)
        {
            try
            {
                await look(input, findings, cancellationToken);
            }
            catch (ApplicationFailureException e) when (e.NonRetryable || IsLastAttempt)
            {
                // What can't be looked at now is met by its step.
            }
        }
        return findings.ToResult();
    }

    private static bool IsLastAttempt => !ActivityExecutionContext.HasCurrent || ActivityExecutionContext.Current.Info.Attempt >= LookAhead.MaxAttempts;

    private async Task TeamAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        if (await github.FindTeamAsync(input.Names.RepositoryOwner, input.Request.Team) is null)
            findings.Add(ErrorTypes.NotFound, "team", "unknown", $"there is no team {input.Request.Team} in GitHub's organization {input.Names.RepositoryOwner}; create it first");
    }

    private async Task GroupAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        var found = await azure.FindAsync(AzureNames.Group(input), cancellationToken);
        if (found is not null && !AzureNames.IsOwn(found, input) && !string.Equals(found.ProvisioningState, "Deleting", StringComparison.OrdinalIgnoreCase))
            findings.Add(ErrorTypes.OwnedByOther, "name", "taken", $"the resource group {input.Names.ResourceGroup} belongs to another owner");
    }

    private async Task RegistryAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        if (await azure.FindAsync(input.Platform.Azure.RegistryId, cancellationToken) is { } registry)
            findings.RegistryByRepository = AccessActivities.IsByRepository(registry);
        else
            findings.Add(ErrorTypes.NotFound, "platform", "registry", $"there is no registry {input.Platform.Azure.RegistryId}; the platform's people have to look at its settings");
    }

    private async Task NamespaceAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync(Kinds.Namespace, new ObjectRef(null, input.Names.Namespace), cancellationToken);
        if (found is not null && !found.IsTerminating() && found.Mark() != input.Key.Mark)
            findings.Add(ErrorTypes.OwnedByOther, "name", "taken", $"the namespace {input.Names.Namespace} belongs to {NamespaceActivities.OwnerOf(found)}");
    }

    private async Task RoleAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        var role = KubernetesSteps.AccessRole(input.Request.Environment, input.Platform);
        if (await cluster.FindAsync(Kinds.ClusterRole, new ObjectRef(null, role), cancellationToken) is null)
            findings.Add(ErrorTypes.NotFound, "platform", "clusterRole", $"the cluster role {role} is not there; the platform's people have to apply deploy/kubernetes/rbac.yaml");
    }

    private async Task DependenciesAsync(StepInput input, Findings findings, CancellationToken cancellationToken) =>
        findings.Dependencies = await new DependencySides(cluster).FindAsync(input, cancellationToken);

    private async Task DeliveryAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        var (gitOps, name) = (input.Request.Features.GitOps, input.Names.GitOpsObject);
        if (gitOps == Vocabulary.GitOpsFlux && !await cluster.HasKindAsync(Kinds.Kustomization, new ObjectRef(input.Names.Namespace, name), cancellationToken))
            findings.Add(ErrorTypes.PlanUnsupported, "features.gitOps", "unsupported", "the cluster has no Flux");
        if (gitOps != Vocabulary.GitOpsArgoCd)
            return;
        var at = new ObjectRef(input.Platform.Kubernetes.ArgoCdNamespace, name);
        if (!await cluster.HasKindAsync(Kinds.Application, at, cancellationToken))
            findings.Add(ErrorTypes.PlanUnsupported, "features.gitOps", "unsupported", "the cluster has no Argo CD");
        else if (IsForeign(await cluster.FindAsync(Kinds.Application, at, cancellationToken), input)
            || (!input.Platform.Kubernetes.SharesArgoCdProject && IsForeign(await cluster.FindAsync(Kinds.AppProject, at, cancellationToken), input)))
            findings.Add(ErrorTypes.OwnedByOther, "name", "taken", $"Argo CD's application or project {name} belongs to another owner");
        else if (await cluster.FindAsync(Kinds.Namespace, new ObjectRef(null, at.Namespace!), cancellationToken) is null)
            findings.Add(ErrorTypes.NotFound, "platform", "argocd", $"the namespace {at.Namespace} of Argo CD is not there; the platform's people have to look at its settings");
        else if (input.Platform.Kubernetes.SharesArgoCdProject)
            await SharedProjectAsync(input, findings, cancellationToken);
    }

    /// <summary>A project that the platform's people keep must be there and permit the service's namespace: Argo CD takes the application all the same.</summary>
    private async Task SharedProjectAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        var name = input.Platform.Kubernetes.ArgoCdProject;
        var project = await cluster.FindAsync(Kinds.AppProject, new ObjectRef(input.Platform.Kubernetes.ArgoCdNamespace, name), cancellationToken);
        if (project is null)
            findings.Add(ErrorTypes.NotFound, "platform", "argocd", $"Argo CD's project {name} is not there; the platform's people have to make it");
        else if (!(project.Spec?.Destinations ?? []).Any(d => FileSystemName.MatchesSimpleExpression(d.Namespace ?? "*", input.Names.Namespace, ignoreCase: false)))
            findings.Add(ErrorTypes.PolicyDenied, "platform", "argocd", $"Argo CD's project {name} doesn't permit the namespace {input.Names.Namespace}; the platform's people have to add it");
    }

    private static bool IsForeign(IKubernetesObject<V1ObjectMeta>? found, StepInput input) =>
        found is not null && !found.IsTerminating() && found.Mark() != input.Key.Mark;

    private async Task DashboardAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        if (input.Request.Features.Monitoring
            && await grafana.FindDashboardAsync(input.Names.DashboardUid, cancellationToken) is { } found && !GrafanaActivities.IsOwn(found, input.Key))
            findings.Add(ErrorTypes.OwnedByOther, "name", "taken", $"the dashboard {input.Names.DashboardUid} belongs to another owner");
    }

    private async Task CatalogAsync(StepInput input, Findings findings, CancellationToken cancellationToken)
    {
        if (input.Request.Features.Catalog && await CatalogActivities.FindForeignAsync(catalog, input, cancellationToken) is { } owner)
            findings.Add(ErrorTypes.NameTaken, "name", "taken", $"{input.Names.CatalogEntityRef} is taken by {owner}");
    }
}
