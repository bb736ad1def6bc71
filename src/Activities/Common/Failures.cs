using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Common;

/// <summary>
/// The failures that steps end with. The type alone decides whether Temporal tries again; messages are for people and carry
/// what a system answered, never what was sent with a credential.
/// </summary>
internal static class Failures
{
    /// <summary>Longest text taken over from a system's answer.</summary>
    public const int MaxMessageLength = 1000;

    public static ApplicationFailureException Of(
        string type, string system, string message, string? remediation = null, int? status = null, TimeSpan? retryAfter = null) =>
        new(
            $"{system}: {Cut(message)}",
            errorType: type,
            nonRetryable: ErrorTypes.Permanent.Contains(type),
            details: [new FailureDetail(system, remediation ?? "", status, Correlation.Current?.CorrelationId ?? "")],
            nextRetryDelay: retryAfter);

    public static ApplicationFailureException Transient(string system, string message, int? status = null, TimeSpan? retryAfter = null) =>
        Of(ErrorTypes.Transient, system, message, status: status, retryAfter: retryAfter);

    public static ApplicationFailureException RateLimited(string system, string message, TimeSpan retryAfter, int? status = null) =>
        Of(ErrorTypes.RateLimited, system, message, status: status, retryAfter: retryAfter);

    public static string Cut(string text, int length = MaxMessageLength) => text.Length <= length ? text : text[..length] + "…";
}
