using Onramp.Grpc;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Worker.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Temporal.Server.Frontend.Workers;

/// <summary>Workers' heartbeats, and their end.</summary>
internal sealed class WorkerCalls(FrontendServices services, WorkerRegistry workers)
{
    public Task<RecordWorkerHeartbeatResponse> RecordHeartbeatAsync(RecordWorkerHeartbeatRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        foreach (var heartbeat in request.WorkerHeartbeat)
        {
            workers.Record(ns.Id, heartbeat);
        }

        return Task.FromResult(new RecordWorkerHeartbeatResponse());
    }

    public Task<DescribeWorkerResponse> DescribeAsync(DescribeWorkerRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var heartbeat = workers.Find(ns.Id, request.WorkerInstanceKey) ?? throw Refusals.NotFound($"Worker {request.WorkerInstanceKey} not found");
        return Task.FromResult(new DescribeWorkerResponse { WorkerInfo = new WorkerInfo { WorkerHeartbeat = heartbeat } });
    }

    public Task<FetchWorkerConfigResponse> FetchConfigAsync(FetchWorkerConfigRequest request, GrpcCallContext context) =>
        throw Refusals.Unimplemented("FetchWorkerConfig command is not enabled.");

    public Task<UpdateWorkerConfigResponse> UpdateConfigAsync(UpdateWorkerConfigRequest request, GrpcCallContext context) =>
        throw Refusals.Unimplemented("UpdateWorkerConfig command is not enabled.");

    public Task<ShutdownWorkerResponse> ShutdownAsync(ShutdownWorkerRequest request, GrpcCallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        services.Matching.ForgetWorker(ns.Id, request.StickyTaskQueue, request.WorkerInstanceKey);
        if (request.WorkerHeartbeat is { } last)
        {
            last.Status = WorkerStatus.Shutdown;
            workers.Record(ns.Id, last);
        }

        return Task.FromResult(new ShutdownWorkerResponse());
    }
}
