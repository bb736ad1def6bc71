using System.Text.Json;
using k8s;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;

namespace Onramp.Activities.Kubernetes;

/// <summary>What onboarding does to a cluster: looks, creates, applies whole objects, and deletes what it made by uid.</summary>
internal sealed class Cluster(ClusterConnection connection, TimeProvider time)
{
    /// <summary>Objects asked for at a time, as kubectl does.</summary>
    private const int PageSize = 500;

    /// <summary>How long a namespace that was just made may be unknown to one of the API servers.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    public async Task<T?> FindAsync<T>(ObjectKind<T> kind, ObjectRef at, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var answer = await connection.AskAsync(What("read", kind, at), (k, c) => kind.ReadAsync(k, at, c), cancellationToken);
        return answer.Refusal?.Status == 404 ? null : answer.Required;
    }

    /// <summary>Whether the cluster has this kind of object; true when that can't be told.</summary>
    public async Task<bool> HasKindAsync(IObjectKind kind, ObjectRef at, CancellationToken cancellationToken) =>
        (await connection.AskAsync(What("read", kind, at), (k, c) => kind.LookAsync(k, at, c), cancellationToken)).Refusal is not { IsUnknownKind: true };

    /// <summary>Creates; null when it exists already (or still).</summary>
    public async Task<V1Namespace?> TryCreateAsync(V1Namespace body, CancellationToken cancellationToken)
    {
        var answer = await connection.AskAsync(
            What("create", Kinds.Namespace, At(body)),
            (k, c) => k.CoreV1.CreateNamespaceAsync(body, fieldManager: Kinds.FieldManager, cancellationToken: c),
            cancellationToken);
        return answer.Refusal?.Status == 409 ? null : answer.Required;
    }

    /// <summary>
    /// Applies a whole object and takes over its fields. Whole, because fields left out that were applied before are removed.
    /// </summary>
    public async Task<T> ApplyAsync<T>(AppliedKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => Applied(await PatchAsync(kind, body, cancellationToken));

    /// <summary>As <see cref="ApplyAsync"/>, but null when the cluster has no such kind.</summary>
    public async Task<T?> TryApplyAsync<T>(AppliedKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var answer = await PatchAsync(kind, body, cancellationToken);
        return answer.Refusal is { IsUnknownKind: true } ? null : Applied(answer);
    }

    /// <summary>A binding to a role that isn't there is taken by the cluster and grants nothing; here it is refused.</summary>
    public async Task RequireRoleAsync(string role, CancellationToken cancellationToken)
    {
        if (await FindAsync(Kinds.ClusterRole, new ObjectRef(null, role), cancellationToken) is null)
            throw Failures.NotThere("Kubernetes", $"the cluster role {role} is not there", "Apply deploy/kubernetes/rbac.yaml, or set Onramp:Kubernetes:TeamRole.");
    }

    /// <summary>As <see cref="ApplyAsync"/>; a binding to another role, which can't be changed, is made anew.</summary>
    public async Task<V1RoleBinding> ReplaceAsync(V1RoleBinding body, CancellationToken cancellationToken)
    {
        var answer = await PatchAsync(Kinds.RoleBinding, body, cancellationToken);
        if (answer.Refusal?.IsImmutable("roleRef") != true)
            return Applied(answer);
        if (await FindAsync(Kinds.RoleBinding, At(body), cancellationToken) is { } found)
            await DeleteAsync(Kinds.RoleBinding, At(body), found.Uid(), cancellationToken);
        return Applied(await PatchAsync(Kinds.RoleBinding, body, cancellationToken));
    }

    /// <summary>
    /// Deletes the object if it carries this mark, and only that very object: the precondition on its uid spares one that
    /// somebody made under the same name in between. True when there is nothing of the mark any more.
    /// </summary>
    public Task<bool> DeleteMarkedAsync(IObjectKind kind, ObjectRef at, string mark, CancellationToken cancellationToken) =>
        DeleteOursAsync(kind, at, found => found.Mark() == mark, cancellationToken);

    /// <summary>As <see cref="DeleteMarkedAsync"/>; the caller says which object is ours.</summary>
    public async Task<bool> DeleteOursAsync(
        IObjectKind kind, ObjectRef at, Func<IKubernetesObject<V1ObjectMeta>, bool> isOurs, CancellationToken cancellationToken)
    {
        var found = await LookAsync(kind, at, cancellationToken);
        if (found is null || !isOurs(found))
            return true;
        if (!found.IsTerminating())
            await DeleteAsync(kind, at, found.Uid(), cancellationToken);
        found = await LookAsync(kind, at, cancellationToken);
        return found is null || !isOurs(found);
    }

    /// <summary>
    /// Changes labels and annotations of a namespace that is as it was read: the version goes along, so that what somebody wrote since is not
    /// written over. Null takes one away.
    /// </summary>
    public async Task<V1Namespace> RelabelAsync(
        V1Namespace seen, IReadOnlyDictionary<string, string?> labels, IReadOnlyDictionary<string, string?> annotations, CancellationToken cancellationToken)
    {
        var patch = new V1Patch(
            JsonSerializer.Serialize(new { metadata = new { resourceVersion = seen.ResourceVersion(), labels, annotations } }), V1Patch.PatchType.MergePatch);
        return (await connection.AskAsync(
            What("change", Kinds.Namespace, At(seen)),
            (k, c) => k.CoreV1.PatchNamespaceAsync(patch, seen.Name(), fieldManager: Kinds.FieldManager, cancellationToken: c),
            cancellationToken)).Required;
    }

    /// <summary>Namespaces with this label, to the last page.</summary>
    public async Task<IReadOnlyList<V1Namespace>> ListNamespacesAsync(string label, string value, CancellationToken cancellationToken)
    {
        var found = new List<V1Namespace>();
        string? next = null;
        do
        {
            var token = next;
            var page = (await connection.AskAsync(
                $"list namespaces with {label}={value}",
                (k, c) => k.CoreV1.ListNamespaceAsync(labelSelector: $"{label}={value}", continueParameter: token, limit: PageSize, cancellationToken: c),
                cancellationToken)).Required;
            found.AddRange(page.Items);
            next = page.Metadata?.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
        return found;
    }

    /// <summary>Every network policy of a namespace, to the last page.</summary>
    public async Task<IReadOnlyList<V1NetworkPolicy>> ListNetworkPoliciesAsync(string @namespace, CancellationToken cancellationToken)
    {
        var found = new List<V1NetworkPolicy>();
        string? next = null;
        do
        {
            var token = next;
            var page = (await connection.AskAsync(
                $"list NetworkPolicies of {@namespace}",
                (k, c) => k.NetworkingV1.ListNamespacedNetworkPolicyAsync(@namespace, continueParameter: token, limit: PageSize, cancellationToken: c),
                cancellationToken)).Required;
            found.AddRange(page.Items);
            next = page.Metadata?.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
        return found;
    }

    private static ObjectRef At(IKubernetesObject<V1ObjectMeta> body) => new(body.Namespace(), body.Name());

    private static string What(string verb, IObjectKind kind, ObjectRef at) =>
        $"{verb} {kind.Name} {(at.Namespace is null ? "" : $"{at.Namespace}/")}{at.Name}";

    private Task<ClusterAnswer<T>> PatchAsync<T>(AppliedKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var at = At(body);
        return connection.AskAsync(
            What("apply", kind, at),
            (k, c) => kind.PatchAsync(k, at, new V1Patch(body, V1Patch.PatchType.ApplyPatch), c),
            cancellationToken,
            kind.Confidential);
    }

    /// <summary>
    /// Everything is applied into a namespace that the run has seen, so one that is unknown is on its way to this API server, or was
    /// taken away by somebody: the first for some minutes, then the second.
    /// </summary>
    private T Applied<T>(ClusterAnswer<T> answer) =>
        answer.Refusal is { IsMissingNamespace: true } refusal && IsFresh()
            ? throw Failures.Transient("Kubernetes", $"{refusal.What}: {refusal.Message}", refusal.Status)
            : answer.Required;

    private bool IsFresh() =>
        !ActivityExecutionContext.HasCurrent || time.GetUtcNow() - ActivityExecutionContext.Current.Info.ScheduledTime < Fresh;

    private async Task<IKubernetesObject<V1ObjectMeta>?> LookAsync(IObjectKind kind, ObjectRef at, CancellationToken cancellationToken)
    {
        var answer = await connection.AskAsync(What("read", kind, at), (k, c) => kind.LookAsync(k, at, c), cancellationToken);
        return answer.Refusal?.Status == 404 ? null : answer.Required;
    }

    /// <summary>404 and 409 (another uid) mean that it is gone; the caller looks again.</summary>
    private async Task DeleteAsync(IObjectKind kind, ObjectRef at, string uid, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { PropagationPolicy = "Background", Preconditions = new V1Preconditions { Uid = uid } };
        var answer = await connection.AskAsync(
            What("delete", kind, at),
            async (k, c) =>
            {
                await kind.DeleteAsync(k, at, options, c);
                return true;
            },
            cancellationToken);
        if (answer.Refusal is { Status: not (404 or 409) } refusal)
            throw refusal.ToFailure();
    }
}
