using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Unsupported;

/// <summary>Calls that a server with default settings refuses, each in its own words; and what can be said of a reset without making one.</summary>
internal sealed class DisabledCalls(FrontendServices services)
{
    public async Task<ResetWorkflowExecutionResponse> ResetAsync(ResetWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.WorkflowExecution);
        if (request.RequestId.Length == 0)
        {
            throw Refusals.InvalidArgument("RequestId is not set on request.");
        }

        Require.RequestId(request.RequestId);
        var last = await services.History.ReadHistoryReverseAsync(
            ns, request.WorkflowExecution.WorkflowId, request.WorkflowExecution.RunId, throughEventId: 0, maximumEvents: 1).ConfigureAwait(false);
        throw request.WorkflowTaskFinishEventId <= 1 || request.WorkflowTaskFinishEventId >= last.NextEventId
            ? Refusals.InvalidArgument("Workflow task finish ID must be > 1 && <= workflow last event ID.")
            : Refusals.Unimplemented("method ResetWorkflowExecution not implemented");
    }

    public Task<PauseWorkflowExecutionResponse> PauseWorkflowAsync(PauseWorkflowExecutionRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        throw Refusals.Unimplemented($"workflow pause is not enabled for namespace: {request.Namespace}");
    }

    public Task<UnpauseWorkflowExecutionResponse> UnpauseWorkflowAsync(UnpauseWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.WorkflowId(request.WorkflowId);
        Require.RunId(request.RunId);
        services.History.Resolve(ns, request.WorkflowId, request.RunId);
        throw Refusals.FailedPrecondition("workflow is not paused.");
    }

    public Task<TResponse> RefuseVersionSets<TRequest, TResponse>(TRequest request, CallContext context) =>
        throw Refusals.PermissionDenied("Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.");

    public Task<TResponse> RefuseVersioningRules<TRequest, TResponse>(TRequest request, CallContext context) =>
        throw Refusals.PermissionDenied("Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.");

    public Task<TResponse> RefuseDeployments<TRequest, TResponse>(TRequest request, CallContext context) =>
        throw Refusals.Unimplemented("Deployments are deprecated and no longer supported, use Worker Deployments instead");
}
