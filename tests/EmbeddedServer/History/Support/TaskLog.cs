using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Remembers what was offered to pollers, first in, first out; nobody waits here.</summary>
public sealed class TaskLog : IMatching
{
    private readonly Lock gate = new();
    private readonly List<QueuedTask> tasks = [];
    private readonly List<QueryTask> queries = [];
    private TaskCompletionSource queryOffered = new();

    public void Add(QueuedTask task)
    {
        lock (gate)
        {
            tasks.Add(task);
        }
    }

    public void Add(QueryTask query)
    {
        lock (gate)
        {
            queries.Add(query);
            queryOffered.TrySetResult();
        }
    }

    public void Withdraw(QueryTask query)
    {
        lock (gate)
        {
            queries.RemoveAll(other => other.QueryId == query.QueryId);
        }
    }

    public void Return(MatchedTask task) => Add(task.Task!);

    /// <summary>Takes the first task of a queue, or of any.</summary>
    public QueuedTask? Take(TaskKind kind, string? queue = null)
    {
        lock (gate)
        {
            var index = tasks.FindIndex(task => task.Dispatch.Kind == kind && (queue is null || task.Dispatch.Queue == queue));
            if (index < 0)
            {
                return null;
            }

            var task = tasks[index];
            tasks.RemoveAt(index);
            return task;
        }
    }

    public QueryTask? TakeQuery()
    {
        lock (gate)
        {
            var query = queries.FirstOrDefault();
            queries.Remove(query!);
            return query;
        }
    }

    /// <summary>Takes the first query, once there is one.</summary>
    public async Task<QueryTask> NextQueryAsync()
    {
        while (true)
        {
            Task offered;
            lock (gate)
            {
                if (queries.Count > 0)
                {
                    break;
                }

                queryOffered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                offered = queryOffered.Task;
            }

            await offered.WaitAsync(TimeSpan.FromMinutes(1));
        }

        return TakeQuery()!;
    }

    public Task<MatchedTask?> PollAsync(QueueKey queue, PollerIdentity poller, TimeSpan wait, CancellationToken cancellationToken) =>
        Task.FromResult(Take(queue.Kind, queue.Name) is { } task ? new MatchedTask(task, null, 0) : null);

    public bool HasRecentPoller(QueueKey queue) => true;

    public void ForgetWorker(string namespaceId, string? stickyQueue, string? workerInstanceKey)
    {
        // Nobody polls here.
    }

    public (IReadOnlyList<PollerInfo> Pollers, TaskQueueStats Stats) Describe(QueueKey queue) => ([], new TaskQueueStats());
}
