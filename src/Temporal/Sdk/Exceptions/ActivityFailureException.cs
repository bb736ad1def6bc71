using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>What a workflow sees when an activity failed for good; the reason is the inner exception.</summary>
public class ActivityFailureException : FailureException
{
    protected internal ActivityFailureException(Failure failure, Exception? inner)
        : base(failure, inner)
    {
        if (failure.ActivityFailureInfo is null)
        {
            throw new ArgumentException("The failure carries no activity failure info", nameof(failure));
        }
    }

    /// <summary>The failure that this exception was made from.</summary>
    public new Failure Failure => base.Failure!;

    /// <summary>Type name of the activity.</summary>
    public string ActivityType => Failure.ActivityFailureInfo.ActivityType.Name;

    /// <summary>Id of the activity within its workflow.</summary>
    public string ActivityId => Failure.ActivityFailureInfo.ActivityId;

    /// <summary>Identity of the worker that ran the last attempt, if any.</summary>
    public string? Identity => NullIfEmpty(Failure.ActivityFailureInfo.Identity);

    /// <summary>Why there was no further attempt.</summary>
    public RetryState RetryState => Failure.ActivityFailureInfo.RetryState;

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;
}
