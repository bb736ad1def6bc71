using Onramp.Grpc;
using Onramp.Temporal.Server.Frontend.Tasks;
using Onramp.Temporal.Server.Frontend.Validation;
using Onramp.Temporal.Server.Visibility;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Temporal.Server.Frontend.Workflows;

/// <summary>Start workflows, with a signal or without.</summary>
internal sealed class StartCalls(FrontendServices services, TaskHandback handback)
{
    public async Task<StartWorkflowExecutionResponse> StartAsync(StartWorkflowExecutionRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        StartRules.Normalize(request, services.Ids);
        request.SearchAttributes = SearchAttributeRules.ForStart(ns, request.SearchAttributes, services.SearchAttributes);
        var response = await services.History.StartWorkflowAsync(ns, request).ConfigureAwait(false);
        if (response.EagerWorkflowTask is { TaskToken.IsEmpty: false } task)
        {
            handback.Watch(context, ns, task);
        }

        return response;
    }

    public Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(SignalWithStartWorkflowExecutionRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        StartRules.Normalize(request, services.Ids);
        request.SearchAttributes = SearchAttributeRules.ForStart(ns, request.SearchAttributes, services.SearchAttributes);
        return services.History.SignalWithStartAsync(ns, request);
    }
}
