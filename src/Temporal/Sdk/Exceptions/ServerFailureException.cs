using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>A failure that the server itself made.</summary>
public class ServerFailureException : FailureException
{
    protected internal ServerFailureException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        if (failure.ServerFailureInfo is null)
        {
            throw new ArgumentException("The failure carries no server failure info", nameof(failure));
        }
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure Failure => base.Failure!;

    /// <summary>Whether no retry policy may retry it.</summary>
    public bool NonRetryable => Failure.ServerFailureInfo.NonRetryable;
}
