using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Workflows;

/// <summary>Calls on one existing workflow.</summary>
internal sealed class WorkflowCalls(FrontendServices services)
{
    public async Task<SignalWorkflowExecutionResponse> SignalAsync(SignalWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.WorkflowExecution);
        if (request.SignalName.Length == 0)
        {
            throw Refusals.InvalidArgument("SignalName is not set on request.");
        }

        if (Require.IsTooLong(request.SignalName))
        {
            throw Refusals.InvalidArgument("SignalName length exceeds limit.");
        }

        Require.RequestId(request.RequestId);
        LinkRules.Check(request.Links);
        services.Payloads.CheckSize(request.Input);
        return await services.History.Requests.SignalAsync(ns, request).ConfigureAwait(false);
    }

    public async Task<RequestCancelWorkflowExecutionResponse> RequestCancelAsync(RequestCancelWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.WorkflowExecution);
        LinkRules.Check(request.Links);
        await services.History.Requests.RequestCancelAsync(ns, request).ConfigureAwait(false);
        return new RequestCancelWorkflowExecutionResponse();
    }

    public async Task<TerminateWorkflowExecutionResponse> TerminateAsync(TerminateWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.WorkflowExecution);
        LinkRules.Check(request.Links);
        await services.History.Requests.TerminateAsync(ns, request).ConfigureAwait(false);
        return new TerminateWorkflowExecutionResponse();
    }

    public Task<UpdateWorkflowExecutionOptionsResponse> UpdateOptionsAsync(UpdateWorkflowExecutionOptionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Workflow(request.WorkflowExecution);
        ExecutionOptions.Check(request.WorkflowExecutionOptions, request.UpdateMask);
        Require.Run(request.WorkflowExecution);
        return services.History.Requests.UpdateOptionsAsync(ns, request);
    }

    public async Task<DeleteWorkflowExecutionResponse> DeleteAsync(DeleteWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.WorkflowExecution);
        await services.History.Requests.DeleteAsync(ns, request).ConfigureAwait(false);
        return new DeleteWorkflowExecutionResponse();
    }

    public Task<DescribeWorkflowExecutionResponse> DescribeAsync(DescribeWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.Execution);
        return services.History.Reads.DescribeAsync(ns, request);
    }

    public Task<QueryWorkflowResponse> QueryAsync(QueryWorkflowRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.Execution);
        if (request.Query is null)
        {
            throw Refusals.InvalidArgument("WorkflowQuery is not set on request.");
        }

        if (request.Query.QueryType.Length == 0)
        {
            throw Refusals.InvalidArgument("QueryType is not set on request.");
        }

        services.Payloads.CheckSize(request.Query.QueryArgs);
        if (request.QueryRejectCondition == QueryRejectCondition.Unspecified)
        {
            request.QueryRejectCondition = QueryRejectCondition.None;
        }

        return services.History.Queries.QueryAsync(ns, request, context.Deadline, context.CancellationToken);
    }

    public async Task<ResetStickyTaskQueueResponse> ResetStickyAsync(ResetStickyTaskQueueRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.Execution);
        await services.History.WorkflowTasks.ResetStickyAsync(ns, request).ConfigureAwait(false);
        return new ResetStickyTaskQueueResponse();
    }
}
