using k8s;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// Registers the repository with Flux or Argo CD. Removal waits for the delivery's own finalizers: the namespace would hang on
/// them otherwise.
/// </summary>
public sealed class DeliveryActivities
{
    private readonly Cluster cluster;

    private readonly FluxAppOptions fluxApp;

    internal DeliveryActivities(Cluster cluster, KubernetesOptions options)
    {
        this.cluster = cluster;
        fluxApp = options.FluxApp;
    }

    [Activity(ActivityNames.RegisterFlux)]
    public async Task<StepResult> RegisterFluxAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        if (input.Platform.Kubernetes.FluxProvider == "none")
            throw Failures.Of(ErrorTypes.PlanUnsupported, "Flux", "this platform has no Flux", "Ask for gitOps 'argocd' or 'none'.");
        await cluster.RequireRoleAsync(input.Platform.Kubernetes.TeamRole, cancellationToken);
        var made = new List<StepResource>
        {
            await ApplyAsync(Kinds.ServiceAccount, DeliveryObjects.Deployer(input), cancellationToken),
            await ApplyAsync(Kinds.RoleBinding, DeliveryObjects.DeployerBinding(input), cancellationToken),
        };
        // Before what reads it: without it the source would stall, which Flux doesn't try again.
        if (fluxApp.IsSet && input.Platform.Kubernetes.FluxSecretName.Length > 0)
            made.Add(await ApplyAsync(Kinds.Secret, DeliveryObjects.FluxLogin(input, fluxApp), cancellationToken));
        made.Add(await ApplyAsync(Kinds.GitRepository, DeliveryObjects.GitRepository(input), cancellationToken));
        made.Add(await ApplyAsync(Kinds.Kustomization, DeliveryObjects.Kustomization(input), cancellationToken));
        return Done(made);
    }

    [Activity(ActivityNames.UnregisterFlux)]
    public Task<UndoResult> UnregisterFluxAsync(StepInput input, StepResult? result) => RemoveAsync(
        input,
        input.Names.Namespace,
        (Kinds.Kustomization, input.Names.GitOpsObject),
        (Kinds.GitRepository, input.Names.GitOpsObject),
        (Kinds.Secret, input.Platform.Kubernetes.FluxSecretName),
        (Kinds.RoleBinding, DeliveryObjects.DeployerAccount),
        (Kinds.ServiceAccount, DeliveryObjects.DeployerAccount));

    /// <summary>Project and application live in a namespace that everyone shares, so what isn't ours is left alone.</summary>
    [Activity(ActivityNames.RegisterArgoCd)]
    public async Task<StepResult> RegisterArgoCdAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var at = new ObjectRef(input.Platform.Kubernetes.ArgoCdNamespace, input.Names.GitOpsObject);
        var ownProject = !input.Platform.Kubernetes.SharesArgoCdProject;
        if (await IsTakenAsync(Kinds.Application, at, input, cancellationToken)
            || (ownProject && await IsTakenAsync(Kinds.AppProject, at, input, cancellationToken)))
            return NotReady($"an earlier application {at.Name} to go");
        var made = new List<StepResource>();
        if (ownProject)
            made.Add(await ApplyAsync(Kinds.AppProject, DeliveryObjects.AppProject(input), cancellationToken));
        made.Add(await ApplyAsync(Kinds.Application, DeliveryObjects.Application(input), cancellationToken));
        return Done(made);
    }

    /// <summary>The application first, and awaited: without its project it can't be removed any more.</summary>
    [Activity(ActivityNames.UnregisterArgoCd)]
    public Task<UndoResult> UnregisterArgoCdAsync(StepInput input, StepResult? result) => RemoveAsync(
        input,
        input.Platform.Kubernetes.ArgoCdNamespace,
        (Kinds.Application, input.Names.GitOpsObject),
        (Kinds.AppProject, input.Names.GitOpsObject));

    /// <summary>Whether an earlier one is still on its way out; one of another owner is refused.</summary>
    private async Task<bool> IsTakenAsync<T>(ObjectKind<T> kind, ObjectRef at, StepInput input, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var found = await cluster.FindAsync(kind, at, cancellationToken);
        if (found is not null && !found.IsTerminating() && found.Mark() != input.Key.Mark)
            throw Failures.Of(ErrorTypes.OwnedByOther, "Argo CD", $"{kind.Name} {at.Name} belongs to another owner");
        return found?.IsTerminating() == true;
    }

    private async Task<StepResource> ApplyAsync<T>(AppliedKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var made = await cluster.ApplyAsync(kind, body, cancellationToken);
        return new StepResource(kind.Name, made.Name(), made.Uid(), Created: true);
    }

    private async Task<UndoResult> RemoveAsync(StepInput input, string @namespace, params (IObjectKind Kind, string Name)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (kind, name) in objects.Where(o => o.Name.Length > 0))
        {
            var at = new ObjectRef(@namespace, name);
            if (!await cluster.DeleteMarkedAsync(kind, at, input.Key.Mark, cancellationToken))
                return Removing($"{kind.Name} {name}{await HoldingAsync(kind, at, cancellationToken)}");
        }
        return Undone;
    }

    /// <summary>What Argo CD says that keeps an application from going.</summary>
    private async Task<string> HoldingAsync(IObjectKind kind, ObjectRef at, CancellationToken cancellationToken)
    {
        if (kind.Name != Kinds.Application.Name || await cluster.FindAsync(Kinds.Application, at, cancellationToken) is not { } found)
            return "";
        var errors = (found.Status?.Conditions ?? []).Where(c => c.Type.EndsWith("Error", StringComparison.Ordinal)).Select(c => c.Message).OfType<string>().ToList();
        return errors.Count == 0 ? "" : $" ({Failures.Cut(string.Join("; ", errors))})";
    }
}
