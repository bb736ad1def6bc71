using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Converters;

namespace Temporalio.Exceptions;

/// <summary>The failure that workflow and activity code raises on purpose, and that any other exception of theirs becomes.</summary>
public class ApplicationFailureException : FailureException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="errorType">Name that retry policies can list as non-retryable.</param>
    /// <param name="nonRetryable">True to rule out any retry.</param>
    /// <param name="details">Values to send along; must be convertible.</param>
    /// <param name="nextRetryDelay">Overrides the retry policy's interval before the next attempt.</param>
    /// <param name="category">Benign failures are logged and counted quietly.</param>
    public ApplicationFailureException(
        string message,
        string? errorType = null,
        bool nonRetryable = false,
        IReadOnlyCollection<object?>? details = null,
        TimeSpan? nextRetryDelay = null,
        ApplicationErrorCategory category = ApplicationErrorCategory.Unspecified)
        : this(message, inner: null, errorType, nonRetryable, details, nextRetryDelay, category)
    {
    }

    /// <summary>Makes one with a cause.</summary>
    /// <param name="message">Message.</param>
    /// <param name="inner">Cause; sent along as the failure's cause.</param>
    /// <param name="errorType">Name that retry policies can list as non-retryable.</param>
    /// <param name="nonRetryable">True to rule out any retry.</param>
    /// <param name="details">Values to send along; must be convertible.</param>
    /// <param name="nextRetryDelay">Overrides the retry policy's interval before the next attempt.</param>
    /// <param name="category">Benign failures are logged and counted quietly.</param>
    public ApplicationFailureException(
        string message,
        Exception? inner,
        string? errorType = null,
        bool nonRetryable = false,
        IReadOnlyCollection<object?>? details = null,
        TimeSpan? nextRetryDelay = null,
        ApplicationErrorCategory category = ApplicationErrorCategory.Unspecified)
        : base(message, inner)
    {
        ErrorType = errorType;
        NonRetryable = nonRetryable;
        Details = new OutboundFailureDetails(details ?? []);
        NextRetryDelay = nextRetryDelay;
        Category = category;
    }

    protected internal ApplicationFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner)
    {
        var info = failure.ApplicationFailureInfo
            ?? throw new ArgumentException("The failure carries no application failure info", nameof(failure));
        ErrorType = info.Type.Length == 0 ? null : info.Type;
        NonRetryable = info.NonRetryable;
        Details = new InboundFailureDetails(converter, info.Details?.Payloads_ ?? []);
        NextRetryDelay = info.NextRetryDelay?.ToTimeSpan();
        Category = info.Category;
    }

    /// <summary>Name of the kind of error; the exception's type name for converted exceptions.</summary>
    public string? ErrorType { get; protected init; }

    /// <summary>Whether no retry policy may retry it.</summary>
    public bool NonRetryable { get; protected init; }

    /// <summary>The values sent along; empty when there are none.</summary>
    public IFailureDetails Details { get; protected init; }

    /// <summary>The delay before the next attempt that overrides the retry policy, if any.</summary>
    public TimeSpan? NextRetryDelay { get; protected init; }

    /// <summary>How loudly it is to be logged and counted.</summary>
    public ApplicationErrorCategory Category { get; protected init; }
}
