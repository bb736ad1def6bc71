using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>A workflow was terminated.</summary>
public class TerminatedFailureException : FailureException
{
    protected internal TerminatedFailureException(Failure failure, Exception? inner, InboundFailureDetails? details)
        : base(failure, inner)
    {
        if (failure.TerminatedFailureInfo is null)
        {
            throw new ArgumentException("The failure carries no terminated failure info", nameof(failure));
        }

        Details = details;
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure Failure => base.Failure!;

    /// <summary>The values given at termination, if they are known.</summary>
    public IFailureDetails? Details { get; protected init; }
}
