using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>The engine's failures, with the reference's codes, details and texts.</summary>
internal static class Errors
{
    public static RefusalException NotFound(string message) => new(RefusalKind.NotFound, message, new NotFoundFailure());

    public static RefusalException WorkflowNotFound(string workflowId) => NotFound($"workflow not found for ID: {workflowId}");

    public static RefusalException RunNotFound(string workflowId, string runId) =>
        NotFound($"workflow execution not found for workflow ID \"{workflowId}\" and run ID \"{runId}\"");

    public static RefusalException WrongChain() => NotFound("workflow execution not found");

    public static RefusalException AlreadyClosed() => NotFound("workflow execution already completed");

    public static RefusalException WorkflowTaskNotFound() => NotFound("Workflow task not found.");

    public static RefusalException ActivityNotFound() =>
        NotFound("invalid activityID or activity already timed out or invoking workflow is completed");

    public static RefusalException PendingActivityNotFound(string activityId) =>
        NotFound($"cannot find pending activity with ActivityID {activityId}, check workflow execution history for more details");

    public static RefusalException NoSuchPendingActivity() =>
        NotFound("Can't find pending activity with such ID. Invalid activityID or activity already completed");

    public static RefusalException InvalidArgument(string message) => new(RefusalKind.InvalidArgument, message);

    public static RefusalException Unimplemented(string message) => new(RefusalKind.Unimplemented, message);

    public static RefusalException AlreadyStarted(string message, string startRequestId, string runId, string firstExecutionRunId) =>
        new(RefusalKind.AlreadyExists, message, new WorkflowExecutionAlreadyStartedFailure
        {
            StartRequestId = startRequestId,
            RunId = runId,
            FirstExecutionRunId = firstExecutionRunId,
        });

    public static RefusalException NotReady(string message) => new(RefusalKind.FailedPrecondition, message, new WorkflowNotReadyFailure());

    public static RefusalException FailedPrecondition(string message) => new(RefusalKind.FailedPrecondition, message);

    public static RefusalException Busy(string message) => new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure
    {
        Cause = ResourceExhaustedCause.BusyWorkflow,
        Scope = ResourceExhaustedScope.Namespace,
    });

    /// <summary>The run goes on as another one, or is about to end: asked again, the caller finds out which.</summary>
    public static RefusalException Closing() => Busy("workflow operation can not be applied because workflow is closing");

    public static RefusalException TooManyUpdatesInFlight(string message) => new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure
    {
        Cause = ResourceExhaustedCause.ConcurrentLimit,
        Scope = ResourceExhaustedScope.Namespace,
    });

    /// <summary>All runs together take too much; asked again later, there may be room.</summary>
    public static RefusalException Overloaded(string message) => new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure
    {
        Cause = ResourceExhaustedCause.SystemOverloaded,
        Scope = ResourceExhaustedScope.System,
    });

    public static RefusalException QueryFailed(string message, Failure? failure) =>
        new(RefusalKind.InvalidArgument, message, new QueryFailedFailure { Failure = failure });

    public static RefusalException DeadlineExceeded(string message) => new(RefusalKind.DeadlineExceeded, message);

    public static RefusalException Unavailable(string message) => new(RefusalKind.Unavailable, message);
}
