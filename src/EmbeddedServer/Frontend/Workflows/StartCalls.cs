using Onramp.EmbeddedServer.Frontend.Tasks;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Workflows;

/// <summary>Start workflows, with a signal or without.</summary>
internal sealed class StartCalls(FrontendServices services, TaskHandback handback)
{
    public async Task<StartWorkflowExecutionResponse> StartAsync(StartWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        StartRules.Normalize(ns, request, services);
        var response = await services.History.Starts.StartAsync(ns, request).ConfigureAwait(false);
        if (response.EagerWorkflowTask is { TaskToken.IsEmpty: false } task)
        {
            handback.Watch(context, ns, task);
        }

        return response;
    }

    public Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(SignalWithStartWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        StartRules.Normalize(ns, request, services);
        return services.History.Starts.SignalWithStartAsync(ns, request);
    }
}
