using System.Text.Json.Nodes;
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
    private readonly KubernetesClient kubernetes;

    internal DeliveryActivities(KubernetesClient kubernetes) => this.kubernetes = kubernetes;

    [Activity(ActivityNames.RegisterFlux)]
    public async Task<StepResult> RegisterFluxAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        (KubernetesKind Kind, JsonObject Body)[] objects =
        [
            (Kinds.ServiceAccount, DeliveryObjects.Deployer(input)),
            (Kinds.RoleBinding, DeliveryObjects.DeployerBinding(input)),
            (Kinds.GitRepository, DeliveryObjects.GitRepository(input)),
            (Kinds.Kustomization, DeliveryObjects.Kustomization(input)),
        ];
        var resources = new List<StepResource>();
        foreach (var (kind, body) in objects)
        {
            var made = await kubernetes.ApplyAsync(kind, input.Names.Namespace, body, cancellationToken);
            resources.Add(new StepResource(kind.Kind, made.Name, made.Uid, Created: true));
        }
        return Done(resources);
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
        var found = await kubernetes.FindAsync(Kinds.Application, @namespace, name, cancellationToken);
        if (found is { IsTerminating: true })
            return NotReady($"an earlier application {name} to go");
        if (found is not null && found.Mark != input.Key.Mark)
            throw Failures.Of(ErrorTypes.OwnedByOther, "Argo CD", $"application {name} belongs to another owner");
        var made = await kubernetes.ApplyAsync(Kinds.Application, @namespace, DeliveryObjects.Application(input), cancellationToken);
        return Done(new StepResource("Application", name, made.Uid, Created: true));
    }

    [Activity(ActivityNames.UnregisterArgoCd)]
    public Task<UndoResult> UnregisterArgoCdAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, input.Platform.Kubernetes.ArgoCdNamespace, (Kinds.Application, input.Names.GitOpsObject));

    private async Task<UndoResult> RemoveAsync(StepInput input, string @namespace, params (KubernetesKind Kind, string Name)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (kind, name) in objects)
        {
            if (!await kubernetes.DeleteMarkedAsync(kind, @namespace, name, input.Key.Mark, cancellationToken))
                return Removing($"{kind.Kind} {name}");
        }
        return Undone;
    }
}
