using Google.Protobuf;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>The answers of workers, which name an activity by its task's token, and of whoever else completes one, by ids.</summary>
internal sealed class ActivityAnswers(ActivityHandler activities)
{
    public Task CompleteAsync(NamespaceRef ns, RespondActivityTaskCompletedRequest request) =>
        activities.CompleteAsync(ns, ByToken(ns, request.TaskToken), request.Result, request.Identity);

    public Task CompleteAsync(NamespaceRef ns, RespondActivityTaskCompletedByIdRequest request) =>
        activities.CompleteAsync(ns, ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId), request.Result, request.Identity);

    public Task<IReadOnlyList<Failure>> FailAsync(NamespaceRef ns, RespondActivityTaskFailedRequest request) =>
        activities.FailAsync(ns, ByToken(ns, request.TaskToken), request.Failure, request.LastHeartbeatDetails, request.Identity);

    public Task<IReadOnlyList<Failure>> FailAsync(NamespaceRef ns, RespondActivityTaskFailedByIdRequest request) =>
        activities.FailAsync(
            ns, ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId), request.Failure, request.LastHeartbeatDetails, request.Identity);

    public Task CancelAsync(NamespaceRef ns, RespondActivityTaskCanceledRequest request) =>
        activities.CancelAsync(ns, ByToken(ns, request.TaskToken), request.Details, request.Identity);

    public Task CancelAsync(NamespaceRef ns, RespondActivityTaskCanceledByIdRequest request) =>
        activities.CancelAsync(ns, ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId), request.Details, request.Identity);

    public Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(NamespaceRef ns, RecordActivityTaskHeartbeatRequest request) =>
        activities.HeartbeatAsync(ns, ByToken(ns, request.TaskToken), request.Details, request.Identity);

    public async Task<RecordActivityTaskHeartbeatByIdResponse> HeartbeatAsync(NamespaceRef ns, RecordActivityTaskHeartbeatByIdRequest request)
    {
        var activity = ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId);
        var answer = await activities.HeartbeatAsync(ns, activity, request.Details, request.Identity).ConfigureAwait(false);
        return new RecordActivityTaskHeartbeatByIdResponse
        {
            CancelRequested = answer.CancelRequested,
            ActivityPaused = answer.ActivityPaused,
            ActivityReset = answer.ActivityReset,
        };
    }

    private static ActivityReference ByToken(NamespaceRef ns, ByteString token) => ActivityReference.ByToken(TaskToken.Parse(token, TaskTokenKind.Activity, ns));
}
