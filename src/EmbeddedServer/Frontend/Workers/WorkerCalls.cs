using System.Text.Json;
using Google.Protobuf;
using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Worker.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Workers;

/// <summary>Workers' heartbeats, and their end.</summary>
internal sealed class WorkerCalls(FrontendServices services, WorkerRegistry workers)
{
    public Task<RecordWorkerHeartbeatResponse> RecordHeartbeatAsync(RecordWorkerHeartbeatRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        workers.Record(ns.Id, request.WorkerHeartbeat);
        return Task.FromResult(new RecordWorkerHeartbeatResponse());
    }

    public Task<DescribeWorkerResponse> DescribeAsync(DescribeWorkerRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var heartbeat = workers.Find(ns.Id, request.WorkerInstanceKey) ?? throw Refusals.NotFound($"Worker {request.WorkerInstanceKey} not found");
        return Task.FromResult(new DescribeWorkerResponse { WorkerInfo = new WorkerInfo { WorkerHeartbeat = heartbeat } });
    }

    public Task<ListWorkersResponse> ListAsync(ListWorkersRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var filter = WorkerFilter.Parse(request.Query);
        var matching = workers.List(ns.Id).Where(filter.Matches).ToList();
        var after = matching.Count > 0 ? KeyOf(request.NextPageToken) : "";
        var size = request.PageSize > 0 ? Math.Min(request.PageSize, matching.Count) : matching.Count;
        var found = matching.Where(worker => string.CompareOrdinal(worker.WorkerInstanceKey, after) > 0 || after.Length == 0).Take(size + 1).ToList();
        var shown = found.Take(size).ToList();
#pragma warning disable CS0612 // Both forms are told.
        var response = new ListWorkersResponse
        {
            Workers = { shown.Select(Entry) },
            WorkersInfo = { shown.Select(worker => new WorkerInfo { WorkerHeartbeat = worker }) },
        };
#pragma warning restore CS0612
        if (found.Count > size)
        {
            response.NextPageToken = TokenOf(shown[^1].WorkerInstanceKey);
        }

        return Task.FromResult(response);
    }

    public Task<CountWorkersResponse> CountAsync(CountWorkersRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var filter = WorkerFilter.Parse(request.Query);
        return Task.FromResult(new CountWorkersResponse { Count = workers.List(ns.Id).Count(filter.Matches) });
    }

    public Task<FetchWorkerConfigResponse> FetchConfigAsync(FetchWorkerConfigRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        throw Refusals.Unimplemented("FetchWorkerConfig command is not enabled.");
    }

    public Task<UpdateWorkerConfigResponse> UpdateConfigAsync(UpdateWorkerConfigRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        throw Refusals.Unimplemented("UpdateWorkerConfig command is not enabled.");
    }

    public Task<ShutdownWorkerResponse> ShutdownAsync(ShutdownWorkerRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (Require.IsTooLong(request.WorkerInstanceKey))
        {
            throw Refusals.InvalidArgument("WorkerInstanceKey length exceeds limit.");
        }

        services.Matching.ForgetWorker(ns.Id, request.StickyTaskQueue, request.WorkerInstanceKey);
        if (request.WorkerHeartbeat is { } last)
        {
            workers.Record(ns.Id, [last]);
        }

        return Task.FromResult(new ShutdownWorkerResponse());
    }

    private static ByteString TokenOf(string lastKey) => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(new PageToken(lastKey)));

    /// <summary>The key of the worker that a page ended with; empty for the first page.</summary>
    private static string KeyOf(ByteString token)
    {
        try
        {
            return token.IsEmpty ? "" : JsonSerializer.Deserialize<PageToken>(token.Span)?.LastWorkerInstanceKey ?? "";
        }
        catch (JsonException)
        {
            throw Refusals.InvalidArgument("invalid next_page_token");
        }
    }

    private static WorkerListInfo Entry(WorkerHeartbeat worker) => new()
    {
        WorkerInstanceKey = worker.WorkerInstanceKey,
        WorkerIdentity = worker.WorkerIdentity,
        TaskQueue = worker.TaskQueue,
        DeploymentVersion = worker.DeploymentVersion,
        SdkName = worker.SdkName,
        SdkVersion = worker.SdkVersion,
        Status = worker.Status,
        StartTime = worker.StartTime,
        HostName = worker.HostInfo?.HostName ?? string.Empty,
        WorkerGroupingKey = worker.HostInfo?.WorkerGroupingKey ?? string.Empty,
        ProcessId = worker.HostInfo?.ProcessId ?? string.Empty,
        Plugins = { worker.Plugins },
        Drivers = { worker.Drivers },
    };

    private sealed record PageToken(string LastWorkerInstanceKey);
}
