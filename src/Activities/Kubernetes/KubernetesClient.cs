using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Kubernetes;

/// <summary>A kind of object: where its API is.</summary>
internal sealed record KubernetesKind(string ApiVersion, string Kind, string Plural)
{
    private string Base => ApiVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{ApiVersion}" : $"api/{ApiVersion}";

    public string List(string? @namespace) => @namespace is null ? $"{Base}/{Plural}" : $"{Base}/namespaces/{@namespace}/{Plural}";

    public string Item(string? @namespace, string name) => $"{List(@namespace)}/{name}";
}

/// <summary>An object as far as ownership and readiness go, and its JSON.</summary>
internal sealed record KubernetesObject(JsonObject Json)
{
    public string Name => Json.Text("metadata", "name") ?? "";

    public string Uid => Json.Text("metadata", "uid") ?? "";

    public bool IsTerminating => Json.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>The mark of the run that made it.</summary>
    public string? Mark => Json.At("metadata", "annotations").Text(KubernetesMarks.Run);
}

/// <summary>Kubernetes' API as far as onboarding needs it: server-side apply of whole objects, and deletion by uid.</summary>
internal sealed class KubernetesClient(HttpClient http, IKubernetesCredentials credentials, TimeProvider time) : RestClient(http, "Kubernetes")
{
    private const string FieldManager = "onboarding-orchestrator";
    private const string ApplyMediaType = "application/apply-patch+yaml";

    public async Task<KubernetesObject?> FindAsync(KubernetesKind kind, string? @namespace, string name, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, kind.Item(@namespace, name), null, cancellationToken, HttpStatusCode.NotFound);
        return reply.IsSuccess ? new KubernetesObject(reply.Object) : null;
    }

    /// <summary>Creates; null when it exists already (or still).</summary>
    public async Task<KubernetesObject?> TryCreateAsync(KubernetesKind kind, string? @namespace, JsonObject body, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(
            HttpMethod.Post, $"{kind.List(@namespace)}?fieldManager={FieldManager}", body, cancellationToken, HttpStatusCode.Conflict);
        return reply.IsSuccess ? new KubernetesObject(reply.Object) : null;
    }

    /// <summary>
    /// Applies a whole object and takes over its fields. Whole, because fields left out that were applied before are removed.
    /// </summary>
    public async Task<KubernetesObject> ApplyAsync(KubernetesKind kind, string? @namespace, JsonObject body, CancellationToken cancellationToken)
    {
        var (reply, what) = await PatchAsync(kind, @namespace, body, cancellationToken);
        return reply.IsSuccess ? new KubernetesObject(reply.Object) : throw Failure(reply, what);
    }

    /// <summary>As <see cref="ApplyAsync"/>, but null when the cluster has no such kind.</summary>
    public async Task<KubernetesObject?> TryApplyAsync(KubernetesKind kind, string? @namespace, JsonObject body, CancellationToken cancellationToken)
    {
        var (reply, what) = await PatchAsync(kind, @namespace, body, cancellationToken);
        if (IsUnknownKind(reply))
            return null;
        return reply.IsSuccess ? new KubernetesObject(reply.Object) : throw Failure(reply, what);
    }

    /// <summary>As <see cref="ApplyAsync"/> for objects with a field that can't change: a refusal for that is answered by making it anew.</summary>
    public async Task<KubernetesObject> ReplaceAsync(KubernetesKind kind, string? @namespace, JsonObject body, CancellationToken cancellationToken)
    {
        var (reply, what) = await PatchAsync(kind, @namespace, body, cancellationToken);
        if (reply.Status == 422)
        {
            await CallAsync(HttpMethod.Delete, kind.Item(@namespace, body.Text("metadata", "name")!), null, cancellationToken, HttpStatusCode.NotFound);
            (reply, what) = await PatchAsync(kind, @namespace, body, cancellationToken);
        }
        return reply.IsSuccess ? new KubernetesObject(reply.Object) : throw Failure(reply, what);
    }

    /// <summary>
    /// Deletes the object if it carries this mark, and only that very object: the precondition on its uid spares one that
    /// somebody made under the same name in between. True when there is nothing of the mark any more.
    /// </summary>
    public async Task<bool> DeleteMarkedAsync(KubernetesKind kind, string? @namespace, string name, string mark, CancellationToken cancellationToken)
    {
        var found = await FindAsync(kind, @namespace, name, cancellationToken);
        if (found is null || found.Mark != mark)
            return true;
        if (!found.IsTerminating)
        {
            var body = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "DeleteOptions",
                ["propagationPolicy"] = "Background",
                ["preconditions"] = new JsonObject { ["uid"] = found.Uid },
            };
            await CallAsync(HttpMethod.Delete, kind.Item(@namespace, name), body, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Conflict);
        }
        found = await FindAsync(kind, @namespace, name, cancellationToken);
        return found is null || found.Mark != mark;
    }

    protected override async ValueTask AuthorizeAsync(HttpRequestMessage request, bool refresh, CancellationToken cancellationToken)
    {
        if (await credentials.GetTokenAsync(refresh, cancellationToken) is { Length: > 0 } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    protected override ApplicationFailureException Failure(ApiReply reply, string what) =>
        KubernetesErrors.Classify(reply, what, time.GetUtcNow());

    /// <summary>404 on a patch that creates means that the kind, or its namespace, isn't there.</summary>
    private static bool IsUnknownKind(ApiReply reply) =>
        reply.Status == 404 && reply.Text.Contains("could not find the requested resource", StringComparison.Ordinal);

    private async Task<(ApiReply Reply, string What)> PatchAsync(
        KubernetesKind kind, string? @namespace, JsonObject body, CancellationToken cancellationToken)
    {
        var path = kind.Item(@namespace, body.Text("metadata", "name")!);
        var reply = await SendAsync(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force=true", body, cancellationToken, ApplyMediaType);
        return (reply, $"PATCH {path}");
    }
}

/// <summary>Where the cluster's bearer tokens come from.</summary>
internal interface IKubernetesCredentials
{
    ValueTask<string?> GetTokenAsync(bool refresh, CancellationToken cancellationToken);
}

/// <summary>A token from configuration, or from a file that is read anew each minute.</summary>
internal sealed class KubernetesToken(KubernetesOptions options, TimeProvider time) : IKubernetesCredentials
{
    private static readonly TimeSpan FileLife = TimeSpan.FromMinutes(1);
    private string? token;
    private DateTimeOffset readAt;

    public async ValueTask<string?> GetTokenAsync(bool refresh, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.Token))
            return options.Token;
        if (token is null || refresh || time.GetUtcNow() - readAt > FileLife)
        {
            if (!File.Exists(options.TokenFile))
                throw Failures.Of(ErrorTypes.PermissionDenied, "Kubernetes", "no token is configured", "Set Onramp:Kubernetes:Token or TokenFile.");
            token = (await File.ReadAllTextAsync(options.TokenFile, cancellationToken)).Trim();
            readAt = time.GetUtcNow();
        }
        return token;
    }
}
