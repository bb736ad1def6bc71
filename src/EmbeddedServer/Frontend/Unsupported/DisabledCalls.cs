using Google.Protobuf;
using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Unsupported;

/// <summary>Calls that a server with default settings refuses, each in its own words.</summary>
internal sealed class DisabledCalls(FrontendServices services)
{
    public Task<PauseWorkflowExecutionResponse> PauseWorkflowAsync(PauseWorkflowExecutionRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        throw Refusals.Unimplemented($"workflow pause is not enabled for namespace: {request.Namespace}");
    }

    public Task<UnpauseWorkflowExecutionResponse> UnpauseWorkflowAsync(UnpauseWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        RequireShort(request.Reason, "reason");
        RequireShort(request.RequestId, "request id");
        RequireShort(request.Identity, "identity");
        if (request.WorkflowId.Length == 0)
        {
            throw Refusals.InvalidArgument("Can't load workflow execution.  WorkflowId not set.");
        }

        if (request.RunId.Length > 0 && !Require.IsUuid(request.RunId))
        {
            throw Refusals.InvalidArgument("RunId is not valid UUID.");
        }

        services.History.Reads.Resolve(ns, request.WorkflowId, request.RunId);
        throw Refusals.FailedPrecondition("workflow is not paused.");
    }

    private static void RequireShort(string text, string what)
    {
        if (Require.IsTooLong(text))
        {
            throw Refusals.InvalidArgument($"{what} is too long.");
        }
    }

    public Task<TResponse> RefuseVersionSets<TRequest, TResponse>(TRequest request, CallContext context)
        where TRequest : IMessage
    {
        RequireNamespace(request);
        throw Refusals.PermissionDenied("Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.");
    }

    public Task<TResponse> RefuseVersioningRules<TRequest, TResponse>(TRequest request, CallContext context)
        where TRequest : IMessage
    {
        RequireNamespace(request);
        throw Refusals.PermissionDenied("Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.");
    }

    public Task<TResponse> RefuseDeployments<TRequest, TResponse>(TRequest request, CallContext context)
        where TRequest : IMessage
    {
        RequireNamespace(request);
        throw Refusals.Unimplemented("Deployments are deprecated and no longer supported, use Worker Deployments instead");
    }

    /// <summary>That a namespace isn't there is told before that it may not do this.</summary>
    private void RequireNamespace(IMessage request) =>
        services.Namespaces.Resolve((string)request.Descriptor.FindFieldByName("namespace").Accessor.GetValue(request));
}
