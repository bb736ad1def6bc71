using Temporalio.Api.Failure.V1;
using Temporalio.Converters;

namespace Temporalio.Exceptions;

/// <summary>A workflow, activity or child was cancelled.</summary>
public class CanceledFailureException : FailureException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="inner">Cause.</param>
    /// <param name="details">Values to send along; must be convertible.</param>
    public CanceledFailureException(string message, Exception? inner = null, IReadOnlyCollection<object?>? details = null)
        : base(message, inner) => Details = new OutboundFailureDetails(details ?? []);

    protected internal CanceledFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner)
    {
        var info = failure.CanceledFailureInfo
            ?? throw new ArgumentException("The failure carries no canceled failure info", nameof(failure));
        Details = new InboundFailureDetails(converter, info.Details?.Payloads_ ?? []);
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure? Failure => base.Failure;

    /// <summary>The values sent along; empty when there are none.</summary>
    public IFailureDetails Details { get; protected init; }
}
