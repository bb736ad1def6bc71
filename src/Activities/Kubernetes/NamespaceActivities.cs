using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// The namespace. It is created, never applied: applying would quietly take over one that somebody else has.
/// </summary>
public sealed class NamespaceActivities
{
    private readonly Cluster cluster;

    internal NamespaceActivities(Cluster cluster) => this.cluster = cluster;

    [Activity(ActivityNames.CreateNamespace)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var name = input.Names.Namespace;
        var found = await cluster.FindAsync(Kinds.Namespace, At(name), cancellationToken);
        if (found?.IsTerminating() == true)
            return NotReady($"an earlier namespace {name} to go{Stuck(found)}");
        found ??= await cluster.TryCreateAsync(NamespaceObjects.Namespace(input), cancellationToken)
            ?? await cluster.FindAsync(Kinds.Namespace, At(name), cancellationToken);
        if (found is null || found.IsTerminating())
            return NotReady($"an earlier namespace {name} to go");
        if (found.Mark() != input.Key.Mark)
            throw Owned(name, found);
        var resource = new StepResource("namespace", name, found.Uid(), Created: true);
        return found.Status?.Phase == "Active"
            ? Done(resource, null, (StepFacts.NamespaceUid, found.Uid()))
            : NotReady($"namespace {name} to become active", [resource]);
    }

    [Activity(ActivityNames.DeleteNamespace)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var name = input.Names.Namespace;
        if (await cluster.DeleteMarkedAsync(Kinds.Namespace, At(name), input.Key.Mark, cancellationToken))
            return Undone;
        var found = await cluster.FindAsync(Kinds.Namespace, At(name), cancellationToken);
        return Removing(found is null ? name : $"namespace {name}{Stuck(found)}");
    }

    private static ObjectRef At(string name) => new(null, name);

    private static Exception Owned(string name, V1Namespace found) => Failures.Of(
        ErrorTypes.OwnedByOther,
        "Kubernetes",
        $"namespace {name} belongs to {OwnerOf(found)}",
        "Choose another service name, or have its owner retire the namespace.");

    internal static string OwnerOf(V1Namespace found) =>
        found.GetLabel(KubernetesMarks.TeamLabel) is { } team ? $"team {team}" : "someone outside the platform";

    /// <summary>Why a namespace does not go: its conditions say which objects hold it.</summary>
    internal static string Stuck(V1Namespace found)
    {
        var reasons = (found.Status?.Conditions ?? [])
            .Where(c => c.Status == "True")
            .Select(c => c.Message).OfType<string>().ToList();
        return reasons.Count == 0 ? "" : $" ({Failures.Cut(string.Join("; ", reasons))})";
    }
}
