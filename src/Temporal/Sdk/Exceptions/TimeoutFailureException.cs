using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Converters;

namespace Temporalio.Exceptions;

/// <summary>A workflow or activity ran out of time.</summary>
public class TimeoutFailureException : FailureException
{
    protected internal TimeoutFailureException(Failure failure, Exception? inner, IPayloadConverter converter)
        : base(failure, inner)
    {
        var info = failure.TimeoutFailureInfo
            ?? throw new ArgumentException("The failure carries no timeout failure info", nameof(failure));
        LastHeartbeatDetails = new InboundFailureDetails(converter, info.LastHeartbeatDetails?.Payloads_ ?? []);
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure Failure => base.Failure!;

    /// <summary>Which timeout it was.</summary>
    public TimeoutType TimeoutType => Failure.TimeoutFailureInfo.TimeoutType;

    /// <summary>What the activity last recorded in a heartbeat; empty when it recorded nothing.</summary>
    public InboundFailureDetails LastHeartbeatDetails { get; protected init; }
}
