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

    internal DeliveryActivities(Cluster cluster) => this.cluster = cluster;

    [Activity(ActivityNames.RegisterFlux)]
    public async Task<StepResult> RegisterFluxAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        return Done(
        [
            await ApplyAsync(Kinds.ServiceAccount, DeliveryObjects.Deployer(input), cancellationToken),
            await ApplyAsync(Kinds.RoleBinding, DeliveryObjects.DeployerBinding(input), cancellationToken),
            await ApplyAsync(Kinds.GitRepository, DeliveryObjects.GitRepository(input), cancellationToken),
            await ApplyAsync(Kinds.Kustomization, DeliveryObjects.Kustomization(input), cancellationToken),
        ]);
    }

    [Activity(ActivityNames.UnregisterFlux)]
    public Task<UndoResult> UnregisterFluxAsync(StepInput input, StepResult? result) => RemoveAsync(
        input,
        input.Names.Namespace,
        (Kinds.Kustomization, input.Names.GitOpsObject),
        (Kinds.GitRepository, input.Names.GitOpsObject),
        (Kinds.RoleBinding, DeliveryObjects.DeployerAccount),
        (Kinds.ServiceAccount, DeliveryObjects.DeployerAccount));

    /// <summary>The application lives in a namespace that everyone shares, so one that isn't ours is left alone.</summary>
    [Activity(ActivityNames.RegisterArgoCd)]
    public async Task<StepResult> RegisterArgoCdAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var (@namespace, name) = (input.Platform.Kubernetes.ArgoCdNamespace, input.Names.GitOpsObject);
        var found = await cluster.FindAsync(Kinds.Application, new ObjectRef(@namespace, name), cancellationToken);
        if (found?.IsTerminating() == true)
            return NotReady($"an earlier application {name} to go");
        if (found is not null && found.Mark() != input.Key.Mark)
            throw Failures.Of(ErrorTypes.OwnedByOther, "Argo CD", $"application {name} belongs to another owner");
        return Done([await ApplyAsync(Kinds.Application, DeliveryObjects.Application(input), cancellationToken)]);
    }

    [Activity(ActivityNames.UnregisterArgoCd)]
    public Task<UndoResult> UnregisterArgoCdAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, input.Platform.Kubernetes.ArgoCdNamespace, (Kinds.Application, input.Names.GitOpsObject));

    private async Task<StepResource> ApplyAsync<T>(AppliedKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var made = await cluster.ApplyAsync(kind, body, cancellationToken);
        return new StepResource(kind.Name, made.Name(), made.Uid(), Created: true);
    }

    private async Task<UndoResult> RemoveAsync(StepInput input, string @namespace, params (IObjectKind Kind, string Name)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (kind, name) in objects)
        {
            if (!await cluster.DeleteMarkedAsync(kind, new ObjectRef(@namespace, name), input.Key.Mark, cancellationToken))
                return Removing($"{kind.Name} {name}");
        }
        return Undone;
    }
}
