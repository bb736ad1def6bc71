using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>What a workflow sees when a Nexus operation failed; the reason is the inner exception.</summary>
public class NexusOperationFailureException : FailureException
{
    protected internal NexusOperationFailureException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        if (failure.NexusOperationExecutionFailureInfo is null)
        {
            throw new ArgumentException("The failure carries no Nexus operation failure info", nameof(failure));
        }
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure Failure => base.Failure!;

    /// <summary>Endpoint that was called.</summary>
    public string Endpoint => Failure.NexusOperationExecutionFailureInfo.Endpoint;

    /// <summary>Service that was called.</summary>
    public string Service => Failure.NexusOperationExecutionFailureInfo.Service;

    /// <summary>Operation that was called.</summary>
    public string Operation => Failure.NexusOperationExecutionFailureInfo.Operation;

    /// <summary>Token of an asynchronous operation, if it got as far as starting.</summary>
    public string? OperationToken =>
        Failure.NexusOperationExecutionFailureInfo.OperationToken is { Length: > 0 } token ? token : null;
}
