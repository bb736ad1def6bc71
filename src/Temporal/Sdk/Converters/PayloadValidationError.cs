using Temporalio.Exceptions;

namespace Temporalio.Converters;

/// <summary>The failure by which a payload converter says that the caller's input is invalid.</summary>
public static class PayloadValidationError
{
    internal const string ErrorType = "PayloadValidationError";

    /// <summary>Makes the failure; it is never retried.</summary>
    /// <param name="details">Value to send along, if any.</param>
    public static ApplicationFailureException CreateException(object? details) =>
        new("Payload validation failed", errorType: ErrorType, nonRetryable: true, details: details is null ? [] : [details]);
}
