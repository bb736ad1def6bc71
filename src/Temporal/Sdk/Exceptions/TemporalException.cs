namespace Temporalio.Exceptions;

/// <summary>Base of every exception that this SDK raises.</summary>
public abstract class TemporalException : Exception
{
    protected internal TemporalException()
    {
    }

    protected internal TemporalException(string message)
        : base(message)
    {
    }

    protected internal TemporalException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>
    /// Whether the exception means cancellation: a .NET cancellation, a Temporal one, or the failure of an activity or
    /// child workflow whose cause is a Temporal cancellation.
    /// </summary>
    /// <param name="e">Exception to look at.</param>
    public static bool IsCanceledException(Exception e) => e switch
    {
        OperationCanceledException or CanceledFailureException => true,
        ActivityFailureException or ChildWorkflowFailureException or NexusOperationFailureException =>
            e.InnerException is CanceledFailureException,
        _ => false,
    };
}
