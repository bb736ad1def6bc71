using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Kubernetes;

/// <summary>What the API server's refusals mean.</summary>
internal static class KubernetesErrors
{
    private const string System = "Kubernetes";
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(1);

    public static ApplicationFailureException Classify(ApiReply reply, string what, DateTimeOffset now)
    {
        var message = $"{what}: {reply.Json.Text("message") ?? $"status {reply.Status}"}";
        return reply.Status switch
        {
            401 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "The cluster refuses the platform's token; renew it.", 401),
            403 when IsTerminating(reply) => Failures.Transient(System, message, 403),
            403 when message.Contains("admission webhook", StringComparison.Ordinal) =>
                Failures.Of(ErrorTypes.PolicyDenied, System, message, "A cluster policy refuses this; the message names it.", 403),
            403 when message.Contains("exceeded quota", StringComparison.Ordinal) => Failures.Of(ErrorTypes.QuotaExceeded, System, message, status: 403),
            403 when message.Contains("not currently held", StringComparison.Ordinal) =>
                Failures.Of(ErrorTypes.PermissionDenied, System, message, "Give the platform's cluster role 'bind' on the cluster roles it hands out.", 403),
            403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, status: 403),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, "If a kind is unknown, its operator is not installed on the cluster.", 404),
            409 => Failures.Of(ErrorTypes.Conflict, System, message, status: 409),
            429 => Failures.RateLimited(System, message, Wait(reply, now) ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(System, message, reply.Status, Wait(reply, now)),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: reply.Status),
        };
    }

    /// <summary>The namespace is on its way out: nothing can be made in it, until it is gone.</summary>
    public static bool IsTerminating(ApiReply reply) =>
        reply.Json.Items("details", "causes").Any(c => c.Text("reason") == "NamespaceTerminating")
        || reply.Text.Contains("because it is being terminated", StringComparison.Ordinal);

    private static TimeSpan? Wait(ApiReply reply, DateTimeOffset now) =>
        RetryAfter.Read(reply, now)
        ?? (int.TryParse(reply.Json.Text("details", "retryAfterSeconds"), out var seconds) ? RetryAfter.Bound(TimeSpan.FromSeconds(seconds)) : null);
}
