using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Deployment.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>Names a task queue. A sticky queue has its own name, so it needs no flag here.</summary>
public readonly record struct QueueKey(string NamespaceId, string Name, TaskKind Kind);

/// <summary>Who polls; kept for five minutes for DescribeTaskQueue.</summary>
public sealed record PollerIdentity(string Identity, string? WorkerInstanceKey, double? MaxTasksPerSecond)
{
    /// <summary>More than this is forgotten at once: it is kept for each of thousands of pollers, and only told again.</summary>
    private const int MaximumVersionBytes = 2_000;

    /// <summary>What it says of its build; only told again.</summary>
    public WorkerVersionCapabilities? VersionCapabilities { get; init => field = IsSmall(value) ? value : null; }

    /// <summary>The deployment that it says it is of; only told again.</summary>
    public WorkerDeploymentOptions? Deployment { get; init => field = IsSmall(value) ? value : null; }

    private static bool IsSmall(IMessage? message) => message is null || message.CalculateSize() <= MaximumVersionBytes;
}

/// <summary>A query that is handed to a worker by itself (startedEventId 0), not with a workflow task.</summary>
/// <param name="QueryId">Unique; part of the task token.</param>
public sealed record QueryTask(ExecutionKey Key, string QueryId, WorkflowQuery Query, string Queue, string? StickyNormalQueue)
{
    private volatile bool isWithdrawn;

    /// <summary>How long it waits on a sticky queue before it goes to the normal one. Default 10 s.</summary>
    public TimeSpan StickyWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Nobody waits for its answer: no queue takes it any more.</summary>
    internal bool IsWithdrawn => isWithdrawn;

    internal void Withdraw() => isWithdrawn = true;
}

/// <summary>What a poll got: exactly one of the two is set.</summary>
public sealed record MatchedTask(QueuedTask? Task, QueryTask? Query, long BacklogCount);

/// <summary>
/// Task queues in memory: first in, first out within a priority; a waiting poller gets a task at once. Nothing here is durable: after a
/// restart the queues are filled from <see cref="IStore.ReadWaiting"/>, and so are those that hold as many tasks as they may: with what is most urgent
/// and, of that, came first. A task is a hint: starting it decides whether it is current.
/// </summary>
public interface IMatching
{
    /// <summary>Offers a task. A sticky one goes to its normal queue when the sticky queue had no poller within the last 10 s.</summary>
    void Add(QueuedTask task);

    /// <summary>Offers a query. Returns at once; the asker waits elsewhere.</summary>
    void Add(QueryTask query);

    /// <summary>Takes a query back, wherever it waits: its asker has his answer, or has gone. It can't be offered again.</summary>
    void Withdraw(QueryTask query);

    /// <summary>Puts a task back in front, e.g. because the poller had gone.</summary>
    void Return(MatchedTask task);

    /// <summary>Waits for a task; null when <paramref name="wait"/> has passed. Cancellation ends it without losing a task.</summary>
    /// <exception cref="RefusalException">RESOURCE_EXHAUSTED: there is no room for one more queue.</exception>
    Task<MatchedTask?> PollAsync(QueueKey queue, PollerIdentity poller, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Whether a poll on it is waiting now or was within the last 10 s.</summary>
    bool HasRecentPoller(QueueKey queue);

    /// <summary>A worker has gone: its sticky queue's tasks go to their normal queues and its parked polls return null.</summary>
    void ForgetWorker(string namespaceId, string? stickyQueue, string? workerInstanceKey);

    /// <summary>Pollers of the last five minutes, and the backlog.</summary>
    (IReadOnlyList<PollerInfo> Pollers, TaskQueueStats Stats) Describe(QueueKey queue);
}
