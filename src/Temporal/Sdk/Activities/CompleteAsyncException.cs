using Temporalio.Exceptions;

namespace Temporalio.Activities;

/// <summary>
/// Thrown by an activity to say that it will be completed later through its handle: see
/// <c>ITemporalClient.GetAsyncActivityHandle</c>.
/// </summary>
public class CompleteAsyncException : TemporalException
{
    /// <summary>Makes one.</summary>
    public CompleteAsyncException()
        : base("Activity completes asynchronously")
    {
    }
}
