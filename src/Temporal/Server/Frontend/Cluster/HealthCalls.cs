using Grpc.Health.V1;
using Onramp.Grpc;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Onramp.Temporal.Server.Frontend.Cluster;

/// <summary>gRPC's own health service.</summary>
internal sealed class HealthCalls(FrontendServices services)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        string.Empty,
        "temporal.api.workflowservice.v1.WorkflowService",
        "temporal.api.operatorservice.v1.OperatorService",
    };

    public Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, GrpcCallContext context) =>
        Known.Contains(request.Service)
            ? Task.FromResult(new HealthCheckResponse { Status = services.Stopping.IsCancellationRequested ? ServingStatus.NotServing : ServingStatus.Serving })
            : throw new GrpcException(GrpcStatusCode.NotFound, "unknown service");
}
