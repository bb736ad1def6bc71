namespace Temporalio.Exceptions;

/// <summary>A call ran out of time or was cancelled before the server answered.</summary>
public class RpcTimeoutOrCanceledException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="inner">Cause.</param>
    public RpcTimeoutOrCanceledException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>An update call ran out of time or was cancelled. The update itself may or may not be under way.</summary>
public class WorkflowUpdateRpcTimeoutOrCanceledException : RpcTimeoutOrCanceledException
{
    /// <summary>Makes one.</summary>
    /// <param name="inner">Cause.</param>
    public WorkflowUpdateRpcTimeoutOrCanceledException(Exception? inner)
        : base("Timeout or cancellation waiting for update", inner)
    {
    }
}
