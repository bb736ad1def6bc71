using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>Builds what tests of the store write.</summary>
internal static class StoreRows
{
    public const string Namespace = "ns-1";

    public static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static ExecutionKey Key(string workflowId = "order", string runId = "run-1", string ns = Namespace) =>
        new(ns, workflowId, runId);

    public static IReadOnlyList<WakeUp> ReadWakeUps(this IStore store) => [.. Pages(store).SelectMany(page => page.WakeUps)];

    public static IReadOnlyList<QueuedTask> ReadQueuedTasks(this IStore store) =>
        [.. Pages(store).SelectMany(page => page.Tasks).OrderBy(task => task.Dispatch.ScheduledAt)];

    /// <summary>Small ones, so that there are several.</summary>
    private static IEnumerable<WaitingPage> Pages(IStore store)
    {
        for (long? from = WaitingPage.Start; from is { } at;)
        {
            var page = store.ReadWaiting(at, 1);
            from = page.Next;
            yield return page;
        }
    }

    public static ExecutionWrite New(ExecutionKey key, params HistoryBatchRow[] history) => new()
    {
        Key = key,
        IsNew = true,
        MakeCurrent = true,
        Status = WorkflowExecutionStatus.Running,
        State = [1],
        History = history,
    };

    public static ExecutionWrite Change(ExecutionKey key, params HistoryBatchRow[] history) =>
        New(key, history) with { IsNew = false, MakeCurrent = false, State = [2] };

    public static HistoryBatchRow Batch(long first, long last) => new(first, last, [(byte)first, (byte)last]);

    public static PendingRow Pending(PendingKind kind, string id, TaskDispatch? dispatch = null) =>
        new(new PendingKey(kind, id), [(byte)kind, (byte)id.Length], dispatch);

    public static TaskDispatch Dispatch(TaskKind kind, string queue, int secondsAfterNoon = 0, string? normalQueue = null) =>
        new(kind, queue, normalQueue, ScheduledEventId: 5, Attempt: 2, Priority: 3, Noon.AddSeconds(secondsAfterNoon));

    public static VisibilityRow Visible(ExecutionKey key, WorkflowExecutionStatus status = WorkflowExecutionStatus.Running) => new()
    {
        WorkflowType = "Order",
        TaskQueue = "orders",
        Status = status,
        StartTime = Noon,
        ExecutionTime = Noon,
        CloseTime = status == WorkflowExecutionStatus.Running ? null : Noon.AddSeconds(5),
        RootWorkflowId = key.WorkflowId,
        RootRunId = key.RunId,
        HistoryLength = 3,
    };

    public static byte[] Attributes(params (string Name, string Json)[] values)
    {
        var attributes = new SearchAttributes();
        foreach (var (name, json) in values)
        {
            attributes.IndexedFields[name] = new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
                Data = ByteString.CopyFromUtf8(json),
            };
        }

        return attributes.ToByteArray();
    }

    /// <summary>Batches as text: <c>1-3 4-4</c>.</summary>
    public static string Show(this IEnumerable<HistoryBatchRow> batches) =>
        string.Join(' ', batches.Select(batch => $"{batch.FirstEventId}-{batch.LastEventId}"));
}
