using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Kubernetes;

/// <summary>What the API server answered when it refused, without anything of what was sent.</summary>
internal sealed record ClusterRefusal(string What, int Status, string Message, V1Status? Body, TimeSpan? Wait)
{
    private const string System = "Kubernetes";
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(1);

    /// <summary>How webhooks and the cluster's own policies refuse, under whichever status: Gatekeeper 403, Kyverno 400, policies of the API server 422.</summary>
    private static readonly string[] Denials = ["admission webhook", "denied the request", "denied request:"];

    /// <summary>How the cluster's quotas are worded, and those that multi-tenancy adds by a webhook.</summary>
    private static readonly string[] Quotas = ["exceeded quota", "exceed Namespace quota"];

    public static ClusterRefusal Of(HttpOperationException exception, string what, DateTimeOffset now, bool confidential)
    {
        var status = (int)exception.Response.StatusCode;
        var body = Parse(exception.Response.Content);
        // Who may do what is decided before the body is looked at, so that answer can't quote it.
        var message = confidential && body?.Message?.Contains("is forbidden: User \"", StringComparison.Ordinal) != true ? null : body?.Message;
        return new ClusterRefusal(
            what,
            status,
            message is null ? $"status {status}{(body?.Reason is { } reason ? $" ({reason})" : "")}" : WithoutCredential(message, exception.Request),
            body,
            RetryAfter.Read(Header(exception.Response, "Retry-After"), now)
                ?? (body?.Details?.RetryAfterSeconds is { } seconds and > 0 ? RetryAfter.Bound(TimeSpan.FromSeconds(seconds)) : null));
    }

    /// <summary>
    /// The cluster has no such kind: its operator is not installed. A kind of a group that it serves is told in its own words; a group that nothing
    /// serves is no path at all, and answered without any status object.
    /// </summary>
    public bool IsUnknownKind => Status == 404 && (Body is null || Message.Contains("could not find the requested resource", StringComparison.Ordinal));

    /// <summary>Not the object, but its namespace is not there.</summary>
    public bool IsMissingNamespace => Status == 404 && Body?.Details?.Kind == "namespaces";

    /// <summary>A field that can't be changed should be changed.</summary>
    public bool IsImmutable(string field) =>
        Status == 422 && (Body?.Details?.Causes?.Any(c => c.Field == field) == true || Message.Contains($"cannot change {field}", StringComparison.Ordinal));

    /// <summary>The namespace is on its way out: nothing can be made in it, until it is gone.</summary>
    public bool IsTerminating =>
        Body?.Details?.Causes?.Any(c => c.Reason == "NamespaceTerminating") == true
        || Message.Contains("because it is being terminated", StringComparison.Ordinal);

    /// <summary>What a step ends with.</summary>
    public ApplicationFailureException ToFailure()
    {
        var message = $"{What}: {Message}";
        return Status switch
        {
            401 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "The cluster refuses the platform's token; renew it.", 401),
            403 when IsTerminating => Failures.Transient(System, message, 403),
            400 or 403 or 422 when Quotas.Any(Says) => Failures.Of(ErrorTypes.QuotaExceeded, System, message, "Have the quota raised, or something removed.", Status),
            400 or 403 or 422 when Denials.Any(Says) =>
                Failures.Of(ErrorTypes.PolicyDenied, System, message, "A cluster policy refuses this; the message names it.", Status),
            403 when Message.Contains("not currently held", StringComparison.Ordinal) =>
                Failures.Of(ErrorTypes.PermissionDenied, System, message, "Give the platform's cluster role 'bind' on the cluster roles it hands out.", 403),
            403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, status: 403),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, "If a kind is unknown, its operator is not installed on the cluster.", 404),
            // The rest of a list that has changed too much meanwhile: it is read anew.
            410 => Failures.Transient(System, message, 410, Wait),
            409 => Failures.Of(ErrorTypes.Conflict, System, message, status: 409, retryAfter: Wait),
            429 => Failures.RateLimited(System, message, Wait ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(System, message, Status, Wait),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: Status),
        };
    }

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static V1Status? Parse(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) || KubernetesJson.Deserialize<V1Status>(text) is not { Kind: V1Status.KubeKind } status ? null : status;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Header(HttpMessageWrapper message, string name) =>
        message.Headers.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>Proxies and webhooks have been seen to quote a request's headers.</summary>
    private static string WithoutCredential(string message, HttpMessageWrapper request) =>
        Header(request, "Authorization")?.Split(' ', 2) is [_, { Length: > 0 } credential]
            ? message.Replace(credential, "…", StringComparison.Ordinal)
            : message;
}
