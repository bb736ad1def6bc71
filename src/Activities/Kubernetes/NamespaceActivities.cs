using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// The namespace. It is created, never applied: applying would quietly take over one that somebody else has.
/// </summary>
public sealed class NamespaceActivities
{
    private readonly KubernetesClient kubernetes;

    internal NamespaceActivities(KubernetesClient kubernetes) => this.kubernetes = kubernetes;

    [Activity(ActivityNames.CreateNamespace)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var name = input.Names.Namespace;
        var found = await kubernetes.FindAsync(Kinds.Namespace, null, name, cancellationToken);
        if (found is { IsTerminating: true })
            return NotReady($"an earlier namespace {name} to go");
        found ??= await kubernetes.TryCreateAsync(Kinds.Namespace, null, NamespaceObjects.Namespace(input), cancellationToken)
            ?? await kubernetes.FindAsync(Kinds.Namespace, null, name, cancellationToken);
        if (found is null || found.IsTerminating)
            return NotReady($"an earlier namespace {name} to go");
        if (found.Mark != input.Key.Mark)
            throw Owned(name, found);
        var resource = new StepResource("namespace", name, found.Uid, Created: true);
        return found.Json.Text("status", "phase") == "Active"
            ? Done(resource, null, (StepFacts.NamespaceUid, found.Uid))
            : NotReady($"namespace {name} to become active", [resource]);
    }

    [Activity(ActivityNames.DeleteNamespace)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var name = input.Names.Namespace;
        if (await kubernetes.DeleteMarkedAsync(Kinds.Namespace, null, name, input.Key.Mark, cancellationToken))
            return Undone;
        var found = await kubernetes.FindAsync(Kinds.Namespace, null, name, cancellationToken);
        return Removing(found is null ? name : $"namespace {name}{Stuck(found)}");
    }

    private static Exception Owned(string name, KubernetesObject found)
    {
        var team = found.Json.At("metadata", "labels").Text("platform.io/team");
        return Failures.Of(
            ErrorTypes.OwnedByOther,
            "Kubernetes",
            $"namespace {name} belongs to {(team is null ? "someone outside the platform" : $"team {team}")}",
            "Choose another service name, or have its owner retire the namespace.");
    }

    /// <summary>Why a namespace does not go: its conditions say which objects hold it.</summary>
    private static string Stuck(KubernetesObject found)
    {
        var reasons = found.Json.Items("status", "conditions")
            .Where(c => c.Text("status") == "True")
            .Select(c => c.Text("message")).OfType<string>().ToList();
        return reasons.Count == 0 ? "" : $" ({Failures.Cut(string.Join("; ", reasons))})";
    }
}
