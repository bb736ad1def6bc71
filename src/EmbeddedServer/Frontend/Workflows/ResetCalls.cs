using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Workflows;

/// <summary>Begins a workflow anew at an earlier point of its history.</summary>
internal sealed class ResetCalls(FrontendServices services)
{
    public Task<ResetWorkflowExecutionResponse> ResetAsync(ResetWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (request.RequestId.Length == 0)
        {
            throw Refusals.InvalidArgument("RequestId is not set on request.");
        }

        Require.RequestId(request.RequestId);
        Require.Execution(request.WorkflowExecution);
        return services.History.Resets.ResetAsync(ns, request);
    }
}
