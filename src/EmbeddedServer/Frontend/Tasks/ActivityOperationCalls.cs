using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>What operators do to pending activities of workflows.</summary>
internal sealed class ActivityOperationCalls(FrontendServices services)
{
    public async Task<PauseActivityResponse> PauseAsync(PauseActivityRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.Execution, request.ActivityCase != PauseActivityRequest.ActivityOneofCase.None);
        await services.History.ActivityOperations.PauseAsync(ns, request).ConfigureAwait(false);
        return new PauseActivityResponse();
    }

    public async Task<UnpauseActivityResponse> UnpauseAsync(UnpauseActivityRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.Execution, request.ActivityCase != UnpauseActivityRequest.ActivityOneofCase.None);
        await services.History.ActivityOperations.UnpauseAsync(ns, request).ConfigureAwait(false);
        return new UnpauseActivityResponse();
    }

    public async Task<ResetActivityResponse> ResetAsync(ResetActivityRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.Execution, request.ActivityCase != ResetActivityRequest.ActivityOneofCase.None);
        await services.History.ActivityOperations.ResetAsync(ns, request).ConfigureAwait(false);
        return new ResetActivityResponse();
    }

    public Task<UpdateActivityOptionsResponse> UpdateOptionsAsync(UpdateActivityOptionsRequest request, CallContext context)
    {
        var ns = Check(request.Namespace, request.Execution, request.ActivityCase != UpdateActivityOptionsRequest.ActivityOneofCase.None);
        PriorityRules.Check(request.ActivityOptions?.Priority);
        if (request is { RestoreOriginal: true, UpdateMask.Paths.Count: > 0 })
        {
            throw Refusals.InvalidArgument("Both UpdateMask and RestoreOriginal are provided");
        }

        return services.History.ActivityOperations.UpdateOptionsAsync(ns, request);
    }

    private NamespaceRef Check(string namespaceName, WorkflowExecution? execution, bool namesActivity)
    {
        var ns = services.Namespaces.Resolve(namespaceName).Ref;
        Require.Workflow(execution);
        if (!namesActivity)
        {
            throw Refusals.InvalidArgument("Either Activity.Id or Activity.Type should be set on request.");
        }

        Require.Run(execution!);
        return ns;
    }
}
