using Onramp.Workflows.Contracts;
using Temporalio.Activities;
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

    /// <param name="type">One of <see cref="ErrorTypes"/>; it decides whether Temporal tries again.</param>
    /// <param name="system">Whose refusal it is.</param>
    /// <param name="message">What happened, for people.</param>
    /// <param name="remediation">What heals it.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="retryAfter">How long to wait before the next attempt.</param>
    /// <param name="final">Whether it isn't tried again although its type is one that mostly is.</param>
    public static ApplicationFailureException Of(
        string type, string system, string message, string? remediation = null, int? status = null, TimeSpan? retryAfter = null, bool final = false) =>
        new(
            $"{system}: {Cut(message)}",
            errorType: type,
            nonRetryable: final || ErrorTypes.Permanent.Contains(type),
            details: [new FailureDetail(system, remediation ?? "", status, Correlation.Current?.CorrelationId ?? "")],
            nextRetryDelay: retryAfter);

    /// <summary>
    /// What others keep isn't there. One "not found" may be a moment's, so the first attempt only says so, and the second is believed.
    /// </summary>
    public static ApplicationFailureException NotThere(string system, string message, string? remediation = null) =>
        ActivityExecutionContext.HasCurrent && ActivityExecutionContext.Current.Info.Attempt == 1
            ? Of(ErrorTypes.Transient, system, message, remediation, 404)
            : Of(ErrorTypes.NotFound, system, message, remediation);

    public static ApplicationFailureException Transient(string system, string message, int? status = null, TimeSpan? retryAfter = null) =>
        Of(ErrorTypes.Transient, system, message, status: status, retryAfter: retryAfter);

    public static ApplicationFailureException RateLimited(string system, string message, TimeSpan retryAfter, int? status = null) =>
        Of(ErrorTypes.RateLimited, system, message, status: status, retryAfter: retryAfter);

    public static string Cut(string text, int length = MaxMessageLength) => text.Length <= length ? text : text[..WholeLength(text, length)] + "…";

    /// <summary>The length, or one less where it would cut a character in half.</summary>
    public static int WholeLength(string text, int length) => length > 0 && length < text.Length && char.IsLowSurrogate(text[length]) ? length - 1 : length;
}
