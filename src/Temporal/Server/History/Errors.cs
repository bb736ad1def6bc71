using Onramp.Grpc;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.Temporal.Server.History;

/// <summary>The engine's failures, with the reference's codes, details and texts.</summary>
internal static class Errors
{
    public static GrpcException NotFound(string message) => new(GrpcStatusCode.NotFound, message, new NotFoundFailure());

    public static GrpcException WorkflowNotFound(string workflowId) => NotFound($"workflow not found for ID: {workflowId}");

    public static GrpcException RunNotFound(string workflowId, string runId) =>
        NotFound($"workflow execution not found for workflow ID \"{workflowId}\" and run ID \"{runId}\"");

    public static GrpcException WrongChain() => NotFound("workflow execution not found");

    public static GrpcException AlreadyClosed() => NotFound("workflow execution already completed");

    public static GrpcException WorkflowTaskNotFound() => NotFound("Workflow task not found.");

    public static GrpcException ActivityNotFound() =>
        NotFound("invalid activityID or activity already timed out or invoking workflow is completed");

    public static GrpcException PendingActivityNotFound(string activityId) =>
        NotFound($"cannot find pending activity with ActivityID {activityId}, check workflow execution history for more details");

    public static GrpcException InvalidArgument(string message) => new(GrpcStatusCode.InvalidArgument, message);

    public static GrpcException Unimplemented(string message) => new(GrpcStatusCode.Unimplemented, message);

    public static GrpcException AlreadyStarted(string message, string startRequestId, string runId, string firstExecutionRunId) =>
        new(GrpcStatusCode.AlreadyExists, message, new WorkflowExecutionAlreadyStartedFailure
        {
            StartRequestId = startRequestId,
            RunId = runId,
            FirstExecutionRunId = firstExecutionRunId,
        });

    public static GrpcException NotReady(string message) => new(GrpcStatusCode.FailedPrecondition, message, new WorkflowNotReadyFailure());

    public static GrpcException FailedPrecondition(string message) => new(GrpcStatusCode.FailedPrecondition, message);

    public static GrpcException Busy(string message) => new(GrpcStatusCode.ResourceExhausted, message, new ResourceExhaustedFailure
    {
        Cause = ResourceExhaustedCause.BusyWorkflow,
        Scope = ResourceExhaustedScope.Namespace,
    });

    public static GrpcException QueryFailed(string message, Failure? failure) =>
        new(GrpcStatusCode.InvalidArgument, message, new QueryFailedFailure { Failure = failure });

    public static GrpcException DeadlineExceeded(string message) => new(GrpcStatusCode.DeadlineExceeded, message);

    public static GrpcException Unavailable(string message) => new(GrpcStatusCode.Unavailable, message);
}
