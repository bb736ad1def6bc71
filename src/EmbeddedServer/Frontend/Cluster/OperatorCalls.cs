using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.OperatorService.V1;

namespace Onramp.EmbeddedServer.Frontend.Cluster;

/// <summary>The operator's calls: search attributes, clusters, and deleting namespaces.</summary>
internal sealed class OperatorCalls(FrontendServices services, ServerIdentity identity, NamespaceRemoval removal)
{
    public async Task<AddSearchAttributesResponse> AddSearchAttributesAsync(AddSearchAttributesRequest request, CallContext context)
    {
        CheckNamespace(request.Namespace);
        SearchAttributeRegistry.CheckNew(request.SearchAttributes);
        RequireNamespace(request.Namespace);
        await services.Namespaces.UpdateSearchAttributesAsync(request.Namespace, row => SearchAttributeRegistry.Add(row, request.SearchAttributes)).ConfigureAwait(false);
        return new AddSearchAttributesResponse();
    }

    public async Task<RemoveSearchAttributesResponse> RemoveSearchAttributesAsync(RemoveSearchAttributesRequest request, CallContext context)
    {
        CheckNamespace(request.Namespace);
        SearchAttributeRegistry.CheckNamed(request.SearchAttributes);
        RequireNamespace(request.Namespace);
        await services.Namespaces.UpdateSearchAttributesAsync(request.Namespace, row => SearchAttributeRegistry.Remove(row, request.SearchAttributes)).ConfigureAwait(false);
        return new RemoveSearchAttributesResponse();
    }

    public Task<ListSearchAttributesResponse> ListSearchAttributesAsync(ListSearchAttributesRequest request, CallContext context)
    {
        RequireNamespace(request.Namespace);
        var ns = services.Namespaces.Resolve(request.Namespace);
        return Task.FromResult(new ListSearchAttributesResponse
        {
            CustomAttributes = { ns.SearchAttributes },
            SystemAttributes = { SystemSearchAttributes.All },
        });
    }

    public Task<ListClustersResponse> ListClustersAsync(ListClustersRequest request, CallContext context) =>
        Task.FromResult(new ListClustersResponse
        {
            Clusters =
            {
                new ClusterMetadata
                {
                    ClusterName = ServerIdentity.ClusterName,
                    ClusterId = identity.ClusterId,
                    HistoryShardCount = 1,
                    InitialFailoverVersion = 1,
                    IsConnectionEnabled = true,
                },
            },
        });

    public async Task<DeleteNamespaceResponse> DeleteNamespaceAsync(DeleteNamespaceRequest request, CallContext context)
    {
        var name = request.Namespace;
        if (name.Length > 0 && request.NamespaceId.Length > 0)
        {
            throw Refusals.InvalidArgument("Only one of namespace name or Id should be set on request.");
        }

        if (name.Length == 0)
        {
            if (request.NamespaceId.Length == 0)
            {
                throw Refusals.InvalidArgument("Namespace not set on request.");
            }

            name = (services.Namespaces.FindById(request.NamespaceId) ?? throw Refusals.NamespaceNotFound(request.NamespaceId)).Ref.Name;
        }

        if (string.Equals(name, NamespaceRegistry.SystemName, StringComparison.Ordinal))
        {
            throw Refusals.FailedPrecondition("unable to delete system namespace");
        }

        if (services.Namespaces.Find(name) is null)
        {
            throw Refusals.NamespaceNotFound(name);
        }

        var deleted = await services.Namespaces.DeleteAsync(name).ConfigureAwait(false);
        removal.Begin(deleted.Ref);
        return new DeleteNamespaceResponse { DeletedNamespace = deleted.Ref.Name };
    }

    /// <summary>A namespace that is named has to be there; that none is named comes out later, after what is wrong with the attributes.</summary>
    private void CheckNamespace(string name)
    {
        if (name.Length > 0)
        {
            services.Namespaces.Resolve(name);
        }
    }

    private static void RequireNamespace(string name)
    {
        if (name.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace is not set on request.");
        }
    }
}
