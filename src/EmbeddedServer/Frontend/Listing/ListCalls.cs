using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Listing;

/// <summary>List and count workflows by query.</summary>
internal sealed class ListCalls(FrontendServices services)
{
    public Task<ListWorkflowExecutionsResponse> ListAsync(ListWorkflowExecutionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var page = services.Visibility.List(ns.Id, ns.Name, request.Query, PageSizes.Clamp(request.PageSize), request.NextPageToken);
        return Task.FromResult(new ListWorkflowExecutionsResponse { Executions = { page.Executions }, NextPageToken = page.NextPageToken });
    }

    public Task<ScanWorkflowExecutionsResponse> ScanAsync(ScanWorkflowExecutionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var page = services.Visibility.List(ns.Id, ns.Name, request.Query, PageSizes.Clamp(request.PageSize), request.NextPageToken);
        return Task.FromResult(new ScanWorkflowExecutionsResponse { Executions = { page.Executions }, NextPageToken = page.NextPageToken });
    }

    public Task<CountWorkflowExecutionsResponse> CountAsync(CountWorkflowExecutionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        return Task.FromResult(services.Visibility.Count(ns.Id, ns.Name, request.Query));
    }

    public Task<ListArchivedWorkflowExecutionsResponse> ListArchivedAsync(ListArchivedWorkflowExecutionsRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        if (request.PageSize > Limits.ArchivalPageSize)
        {
            throw Refusals.InvalidArgument($"PageSize is larger than allowed {Limits.ArchivalPageSize}.");
        }

        throw Refusals.InvalidArgument("Cluster is not configured for visibility archival.");
    }
}
