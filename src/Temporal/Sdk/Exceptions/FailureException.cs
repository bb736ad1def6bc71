using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>
/// Base of the exceptions that stand for a Temporal failure: those that cross the wire between workflows, activities and
/// clients.
/// </summary>
public class FailureException : TemporalException
{
    protected internal FailureException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    protected internal FailureException(Failure failure, Exception? inner)
        : base(failure.Message, inner) => Failure = failure;

    /// <summary>The failure that this exception was made from; null for one made in this process.</summary>
    public Failure? Failure { get; protected init; }

    /// <summary>The stack trace where it was raised, which is the remote one when it came over the wire.</summary>
    public override string? StackTrace =>
        string.IsNullOrEmpty(Failure?.StackTrace) ? base.StackTrace : Failure.StackTrace;
}
