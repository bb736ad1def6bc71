using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.TaskQueues;

/// <summary>Describe task queues.</summary>
internal sealed class TaskQueueCalls(FrontendServices services, TaskQueueConfigs configs)
{
    /// <summary>What is reported for a queue without a lower limit of its own, in tasks a second.</summary>
    private const float SystemRatePerSecond = 4_000;

    /// <summary>The build of workers that have none.</summary>
    private const string NoBuild = "";

    /// <summary>How many numbers of tasks a cluster's queue takes at once.</summary>
    private const long TaskIdsOfBlock = 100_000;

    /// <summary>What a queue without worker deployments has as its current version.</summary>
    private const string Unversioned = "__unversioned__";

    public Task<DescribeTaskQueueResponse> DescribeAsync(DescribeTaskQueueRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
#pragma warning disable CS0612 // The older modes are still asked for.
        TaskQueueRules.Normalize(request.TaskQueue, mayBePartition: request.ApiMode == DescribeTaskQueueMode.Unspecified);
        if (request.ReportTaskReachability && request.Versions?.BuildIds.Count > Limits.BuildIdsPerQuery)
        {
            throw Refusals.InvalidArgument($"Too many build ids queried at once with ReportTaskReachability==true, limit: {Limits.BuildIdsPerQuery}");
        }

        if (request.ApiMode == DescribeTaskQueueMode.Enhanced)
        {
            if (request.TaskQueue.Kind == TaskQueueKind.Sticky)
            {
                throw Refusals.InvalidArgument("Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.");
            }

            return Task.FromResult(DescribeEnhanced(ns.Id, request));
        }

        if (request.ReportStats && !TaskQueueRules.IsRoot(request.TaskQueue))
        {
            throw Refusals.InvalidArgument("DescribeTaskQueue stats are only supported for the root partition");
        }

        var key = new QueueKey(ns.Id, request.TaskQueue.Name, KindOf(request.TaskQueueType));
        var (pollers, stats, byPriority) = services.Matching.DescribeByPriority(key);
        var response = new DescribeTaskQueueResponse { Pollers = { pollers }, EffectiveRateLimit = EffectiveLimit(key) };
        if (request.TaskQueue.Kind == TaskQueueKind.Normal || request.TaskQueueType == TaskQueueType.Unspecified)
        {
            response.VersioningInfo = new TaskQueueVersioningInfo { CurrentVersion = Unversioned, UpdateTime = Clock.GoZero };
        }

        if (request.ReportStats)
        {
            response.Stats = stats;
            foreach (var (priority, statsOfKey) in byPriority)
            {
                response.StatsByPriorityKey[priority] = statsOfKey;
            }
        }

        if (request.ReportConfig)
        {
            response.Config = configs.Find(key);
        }

        if (request.IncludeTaskQueueStatus)
        {
            response.TaskQueueStatus = new TaskQueueStatus
            {
                BacklogCountHint = stats.ApproximateBacklogCount,
                RatePerSecond = response.EffectiveRateLimit.RequestsPerSecond,

                // Tasks have no numbers here; those of a queue that is new have these.
                TaskIdBlock = new TaskIdBlock { StartId = 1, EndId = TaskIdsOfBlock },
            };
        }
#pragma warning restore CS0612

        return Task.FromResult(response);
    }

    public Task<ListTaskQueuePartitionsResponse> ListPartitionsAsync(ListTaskQueuePartitionsRequest request, CallContext context)
    {
        services.Namespaces.Resolve(request.Namespace);
        TaskQueueRules.Normalize(request.TaskQueue);
        var partition = new TaskQueuePartitionMetadata { Key = request.TaskQueue.Name, OwnerHostName = "localhost" };
        return Task.FromResult(new ListTaskQueuePartitionsResponse
        {
            ActivityTaskQueuePartitions = { partition },
            WorkflowTaskQueuePartitions = { partition.Clone() },
        });
    }

    public async Task<UpdateTaskQueueConfigResponse> UpdateConfigAsync(UpdateTaskQueueConfigRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        TaskQueueConfigRules.Check(request);
        var key = new QueueKey(ns.Id, request.TaskQueue, KindOf(request.TaskQueueType));
        var config = await configs.UpdateAsync(key, request).ConfigureAwait(false);
        return new UpdateTaskQueueConfigResponse { Config = config };
    }

    private static TaskKind KindOf(TaskQueueType type) => type switch
    {
        TaskQueueType.Activity => TaskKind.Activity,
        TaskQueueType.Nexus => TaskKind.Nexus,
        _ => TaskKind.Workflow,
    };

#pragma warning disable CS0612
    private DescribeTaskQueueResponse DescribeEnhanced(string namespaceId, DescribeTaskQueueRequest request)
    {
        var types = request.TaskQueueTypes.Count > 0 ? request.TaskQueueTypes.ToList() : [TaskQueueType.Workflow, TaskQueueType.Activity];
        var response = new DescribeTaskQueueResponse();
        foreach (var build in BuildsOf(request.Versions))
        {
            var version = response.VersionsInfo[build] = new TaskQueueVersionInfo { TaskReachability = ReachabilityOf(build, request) };
            foreach (var type in types)
            {
                version.TypesInfo[(int)type] = build == NoBuild ? Describe(new QueueKey(namespaceId, request.TaskQueue.Name, KindOf(type)), request) : Empty(request);
            }
        }

        return response;
    }

    /// <summary>The builds that are asked for; every task is of none.</summary>
    private static IEnumerable<string> BuildsOf(TaskQueueVersionSelection? selection) =>
        selection is null ? [NoBuild] : selection.BuildIds.Concat(selection.Unversioned ? [NoBuild] : []).Distinct();

    private static BuildIdTaskReachability ReachabilityOf(string build, DescribeTaskQueueRequest request) =>
        !request.ReportTaskReachability ? BuildIdTaskReachability.Unspecified
        : build == NoBuild ? BuildIdTaskReachability.Reachable
        : BuildIdTaskReachability.Unreachable;

    private TaskQueueTypeInfo Describe(QueueKey key, DescribeTaskQueueRequest request)
    {
        var (pollers, stats, _) = services.Matching.DescribeByPriority(key);
        var info = new TaskQueueTypeInfo { Stats = request.ReportStats ? stats : null };
        if (request.ReportPollers)
        {
            info.Pollers.Add(pollers);
        }

        return info;
    }

    private static TaskQueueTypeInfo Empty(DescribeTaskQueueRequest request) =>
        new() { Stats = request.ReportStats ? new TaskQueueStats { ApproximateBacklogAge = new Duration() } : null };
#pragma warning restore CS0612

    private DescribeTaskQueueResponse.Types.EffectiveRateLimit EffectiveLimit(QueueKey key)
    {
        var (perSecond, isConfigured) = services.Matching.RateLimit(key);
        var isLower = perSecond < SystemRatePerSecond;
        return new DescribeTaskQueueResponse.Types.EffectiveRateLimit
        {
            RequestsPerSecond = (float)(isLower ? perSecond!.Value : SystemRatePerSecond),
            RateLimitSource = !isLower ? RateLimitSource.System : isConfigured ? RateLimitSource.Api : RateLimitSource.Worker,
        };
    }
}
