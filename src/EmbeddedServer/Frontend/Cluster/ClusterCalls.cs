using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Cluster;

/// <summary>What the server says of itself.</summary>
internal sealed class ClusterCalls(ServerIdentity identity)
{
    // What isn't there isn't advertised: Nexus, build-id versioning, deployments.
    private static readonly GetSystemInfoResponse.Types.Capabilities Capabilities = new()
    {
        SignalAndQueryHeader = true,
        InternalErrorDifferentiation = true,
        ActivityFailureIncludeHeartbeat = true,
        EncodedFailureAttributes = true,
        UpsertMemo = true,
        EagerWorkflowStart = true,
        SdkMetadata = true,
        CountGroupByExecutionStatus = true,
        SupportsSchedules = true,
    };

    public Task<GetSystemInfoResponse> GetSystemInfoAsync(GetSystemInfoRequest request, CallContext context) =>
        Task.FromResult(new GetSystemInfoResponse { ServerVersion = ServerIdentity.ApiVersion, Capabilities = Capabilities.Clone() });

    public Task<GetClusterInfoResponse> GetClusterInfoAsync(GetClusterInfoRequest request, CallContext context) =>
        Task.FromResult(new GetClusterInfoResponse
        {
            SupportedClients = { ClientVersions.Supported },
            ServerVersion = ServerIdentity.ApiVersion,
            ClusterId = identity.ClusterId,
            ClusterName = ServerIdentity.ClusterName,
            HistoryShardCount = 1,
            PersistenceStore = "sqlite",
            VisibilityStore = "sqlite",
            InitialFailoverVersion = 1,
            FailoverVersionIncrement = 10,
        });

    public Task<GetSearchAttributesResponse> GetSearchAttributesAsync(GetSearchAttributesRequest request, CallContext context) =>
        Task.FromResult(new GetSearchAttributesResponse { Keys = { SearchAttributeRegistry.Known } });
}
