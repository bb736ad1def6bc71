using Onramp.Grpc;
using Onramp.Temporal.Server.Frontend.Tasks;
using Onramp.Temporal.Server.Frontend.Validation;
using Onramp.Temporal.Server.History;
using Onramp.Temporal.Server.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Temporal.Server.Frontend.Workflows;

/// <summary>Start workflows, with a signal or without.</summary>
internal sealed class StartCalls(FrontendServices services, TaskHandback handback)
{
    public async Task<StartWorkflowExecutionResponse> StartAsync(StartWorkflowExecutionRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        StartRules.Normalize(request, services.Ids);
        request.SearchAttributes = Kept(ns, request.SearchAttributes);
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
        request.SearchAttributes = Kept(ns, request.SearchAttributes);
        return services.History.SignalWithStartAsync(ns, request);
    }

    /// <summary>Attributes that say nothing leave no trace but this: a description shows that there were some.</summary>
    private SearchAttributes? Kept(NamespaceRef ns, SearchAttributes? attributes) =>
        attributes is { IndexedFields.Count: > 0 }
            ? SearchAttributeRules.ForStart(ns, attributes, services.SearchAttributes) ?? new SearchAttributes()
            : null;
}
