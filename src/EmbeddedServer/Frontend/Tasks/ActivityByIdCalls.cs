using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>Answer activities by workflow and activity id.</summary>
internal sealed class ActivityByIdCalls(FrontendServices services)
{
    public async Task<RespondActivityTaskCompletedByIdResponse> CompleteAsync(RespondActivityTaskCompletedByIdRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId, request.Identity);
        await services.History.ActivityAnswers.CompleteAsync(ns, request).ConfigureAwait(false);
        return new RespondActivityTaskCompletedByIdResponse();
    }

    public async Task<RespondActivityTaskFailedByIdResponse> FailAsync(RespondActivityTaskFailedByIdRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId, request.Identity);
        return new RespondActivityTaskFailedByIdResponse { Failures = { await services.History.ActivityAnswers.FailAsync(ns, request).ConfigureAwait(false) } };
    }

    public async Task<RespondActivityTaskCanceledByIdResponse> CancelAsync(RespondActivityTaskCanceledByIdRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId, request.Identity);
        await services.History.ActivityAnswers.CancelAsync(ns, request).ConfigureAwait(false);
        return new RespondActivityTaskCanceledByIdResponse();
    }

    public Task<RecordActivityTaskHeartbeatByIdResponse> HeartbeatAsync(RecordActivityTaskHeartbeatByIdRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId, identity: "");
        return services.History.ActivityAnswers.HeartbeatAsync(ns, request);
    }

    private NamespaceRef Check(string namespaceName, string workflowId, string runId, string activityId, string identity)
    {
        var ns = services.Namespaces.Resolve(namespaceName).Ref;
        if (activityId.Length == 0)
        {
            throw Refusals.InvalidArgument("ActivityId is not set on request.");
        }

        Require.Identity(identity);

        // Without a workflow id the id means an activity of its own, and there are none.
        if (workflowId.Length == 0)
        {
            throw Refusals.NotFound($"activity not found for ID: {activityId}");
        }

        Require.RunId(runId, "RunId is not valid UUID.");
        return ns;
    }
}
