using Google.Protobuf;
using Onramp.Temporal.Server.Visibility;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Temporal.Server.Frontend.Listing;

/// <summary>For a store that can't list: its calls answer UNIMPLEMENTED.</summary>
internal sealed class UnavailableVisibility : IVisibility
{
    public VisibilityPage List(string namespaceId, string namespaceName, string query, int pageSize, ByteString pageToken) =>
        throw Refusals.Unimplemented("method ListWorkflowExecutions not implemented");

    public CountWorkflowExecutionsResponse Count(string namespaceId, string namespaceName, string query) =>
        throw Refusals.Unimplemented("method CountWorkflowExecutions not implemented");
}
