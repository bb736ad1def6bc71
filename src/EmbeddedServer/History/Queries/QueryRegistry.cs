using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Query.V1;

namespace Onramp.EmbeddedServer.History.Queries;

/// <summary>A worker's answer to a query, or its refusal.</summary>
internal sealed record QueryOutcome(Payloads? Answer, string? ErrorMessage, Failure? Failure)
{
    public bool IsAnswer => ErrorMessage is null;
}

/// <summary>A query that somebody waits for. It lives in memory only: whoever asks is gone after a restart.</summary>
internal sealed class PendingQuery(string id, WorkflowQuery query)
{
    private readonly Lock gate = new();
    private QueryTask? offered;
    private bool isOver;

    /// <summary>Of the answer that is waited for.</summary>
    public string Id { get; set; } = id;

    public WorkflowQuery Query { get; } = query;

    /// <summary>Travels by itself; otherwise with the next workflow task.</summary>
    public bool IsDirect { get; set; }

    /// <summary>Offered to workers by itself. Of a run's queries one is at a time.</summary>
    public bool IsOut { get; set; }

    /// <summary>A worker has it.</summary>
    public bool IsTaken { get; set; }

    public TaskCompletionSource<QueryOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It is about to be offered anew. False when nobody waits for it any more.</summary>
    /// <param name="before">How it was offered before, if it was: that is to be withdrawn.</param>
    public bool TryOffer(QueryTask task, out QueryTask? before)
    {
        lock (gate)
        {
            before = offered;
            offered = isOver ? null : task;
            return !isOver;
        }
    }

    /// <summary>Nobody waits for it any more. How it was offered last, which is to be withdrawn; null if it wasn't.</summary>
    public QueryTask? End()
    {
        lock (gate)
        {
            isOver = true;
            return offered;
        }
    }
}

/// <summary>The queries that wait, by run.</summary>
internal sealed class QueryRegistry
{
    private readonly Lock gate = new();
    private readonly Dictionary<ExecutionKey, List<PendingQuery>> waiting = [];

    public void Add(ExecutionKey key, PendingQuery query)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var queries))
            {
                waiting.Add(key, queries = []);
            }

            queries.Add(query);
        }
    }

    public PendingQuery? Find(ExecutionKey key, string id)
    {
        lock (gate)
        {
            return waiting.TryGetValue(key, out var queries) ? queries.Find(query => query.Id == id) : null;
        }
    }

    public PendingQuery? Remove(ExecutionKey key, string id)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var queries))
            {
                return null;
            }

            var index = queries.FindIndex(query => query.Id == id);
            if (index < 0)
            {
                return null;
            }

            var found = queries[index];
            queries.RemoveAt(index);
            if (queries.Count == 0)
            {
                waiting.Remove(key);
            }

            return found;
        }
    }

    public int CountAttached(ExecutionKey key)
    {
        lock (gate)
        {
            return waiting.TryGetValue(key, out var queries) ? queries.Count(query => !query.IsDirect) : 0;
        }
    }

    /// <summary>Those that go with the workflow task that is being started. If that comes to nothing, they go with the next one too.</summary>
    public IReadOnlyList<PendingQuery> Attach(ExecutionKey key) => Select(key, _ => { });

    /// <summary>Answers to those that went with a workflow task don't count any more; they go with the next one.</summary>
    public void RenameAttached(ExecutionKey key, Func<string> newId) => Select(key, query => query.Id = newId());

    /// <summary>No workflow task will come: they travel by themselves.</summary>
    public void MakeDirect(ExecutionKey key) => Select(key, query => query.IsDirect = true);

    /// <summary>The query that is to be offered by itself now, if none of its run is.</summary>
    public PendingQuery? TakeNext(ExecutionKey key)
    {
        lock (gate)
        {
            if (Next(key) is not { } next)
            {
                return null;
            }

            next.IsOut = true;
            return next;
        }
    }

    public bool HasNext(ExecutionKey key)
    {
        lock (gate)
        {
            return Next(key) is not null;
        }
    }

    /// <summary>Takes all queries of a run out.</summary>
    public IReadOnlyList<PendingQuery> RemoveAll(ExecutionKey key)
    {
        lock (gate)
        {
            return waiting.Remove(key, out var queries) ? queries : [];
        }
    }

    private PendingQuery? Next(ExecutionKey key) =>
        waiting.TryGetValue(key, out var queries) && !queries.Exists(query => query.IsOut) ? queries.Find(query => query.IsDirect) : null;

    /// <summary>Those that don't travel by themselves.</summary>
    private List<PendingQuery> Select(ExecutionKey key, Action<PendingQuery> change)
    {
        lock (gate)
        {
            var selected = waiting.GetValueOrDefault(key)?.FindAll(query => !query.IsDirect) ?? [];
            selected.ForEach(change);
            return selected;
        }
    }
}
