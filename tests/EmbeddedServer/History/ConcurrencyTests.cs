using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Many workflows, clients and workers at once, on a file, with the real clock: each history is as if it were alone.</summary>
public sealed class ConcurrencyTests
{
    private const int Workflows = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Every_workflow_ends_as_if_it_were_alone()
    {
        var folder = Directory.CreateTempSubdirectory("onramp-history-");
        try
        {
            await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = Path.Combine(folder.FullName, "history.db") });
            using var matching = new TaskQueueManager(new MatchingOptions(), TimeProvider.System, TimeProvider.System);
            using var engine = new HistoryEngine(
                store, matching, new SearchAttributeTypes(store), TimeProvider.System, new HistoryEngineOptions { CacheBytes = 200_000 },
                NullLogger<HistoryEngine>.Instance);
            using var done = new CancellationTokenSource(Patience);
            var workers = Enumerable.Range(0, 4).SelectMany(_ => new[] { WorkAsync(engine, matching, done.Token), ActAsync(engine, matching, done.Token) }).ToList();

            await Task.WhenAll(Enumerable.Range(0, Workflows).Select(index => RunAsync(engine, $"order-{index}", done.Token)));

            for (var index = 0; index < Workflows; index++)
            {
                var history = (await engine.Reads.ReadAsync(World.Namespace, $"order-{index}", "", 1, 1_000)).Events;
                history.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, history.Count).Select(id => (long)id));
                history.Count(e => e.EventType == EventType.ActivityTaskCompleted).ShouldBe(1);
                history.Count(e => e.EventType == EventType.TimerFired).ShouldBe(1);
                history.Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(3);
                history[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
            }

            await done.CancelAsync();
            await Task.WhenAll(workers);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(HistoryEngine engine, string workflowId, CancellationToken cancellationToken)
    {
        var started = await engine.Starts.StartAsync(World.Namespace, new StartWorkflowExecutionRequest
        {
            WorkflowId = workflowId,
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new Temporalio.Api.TaskQueue.V1.TaskQueue { Name = "orders" },
            RequestId = workflowId,
        });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(signal => engine.Requests.SignalAsync(World.Namespace, new SignalWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = workflowId },
            SignalName = $"{signal}",
            RequestId = $"{signal}",
        })));
        var key = new ExecutionKey(World.Namespace.Id, workflowId, started.RunId);
        var seen = 1L;
        while (true)
        {
            var slice = await engine.Reads.ReadAsync(World.Namespace, workflowId, started.RunId, seen, 1_000);
            if (!slice.IsOpen)
            {
                return;
            }

            seen = slice.NextEventId;
            await engine.Reads.WaitAsync(key, seen, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A worker that decides by what the history has: everything is there, so close; nothing asked for yet, so ask.</summary>
    private static async Task WorkAsync(HistoryEngine engine, TaskQueueManager matching, CancellationToken cancellationToken)
    {
        await foreach (var task in TasksAsync(matching, new QueueKey(World.Namespace.Id, "orders", TaskKind.Workflow), cancellationToken))
        {
            var poll = new PollWorkflowTaskQueueRequest { TaskQueue = new Temporalio.Api.TaskQueue.V1.TaskQueue { Name = "orders" } };
            if (await engine.WorkflowTasks.StartAsync(World.Namespace, task, poll) is not { } started)
            {
                continue;
            }

            var request = new RespondWorkflowTaskCompletedRequest { TaskToken = started.TaskToken, Commands = { Decide(started) } };
            try
            {
                await engine.Completion.CompleteAsync(World.Namespace, request);
            }
            catch (RefusalException refused)
            {
                refused.Message.ShouldBe("UnhandledCommand");
            }
        }
    }

    private static Command[] Decide(PollWorkflowTaskQueueResponse task)
    {
        bool Has(EventType type, int count = 1) => task.History.Events.Count(e => e.EventType == type) >= count;
        if (!Has(EventType.ActivityTaskScheduled))
        {
            return [Activity("charge"), Timer("t", 0.01)];
        }

        return Has(EventType.ActivityTaskCompleted) && Has(EventType.TimerFired) && Has(EventType.WorkflowExecutionSignaled, 3) ? [Complete()] : [];
    }

    private static async Task ActAsync(HistoryEngine engine, TaskQueueManager matching, CancellationToken cancellationToken)
    {
        await foreach (var task in TasksAsync(matching, new QueueKey(World.Namespace.Id, "payments", TaskKind.Activity), cancellationToken))
        {
            var poll = new PollActivityTaskQueueRequest { TaskQueue = new Temporalio.Api.TaskQueue.V1.TaskQueue { Name = "payments" } };
            if (await engine.Activities.StartAsync(World.Namespace, task, poll) is { } started)
            {
                await engine.ActivityAnswers.CompleteAsync(World.Namespace, new RespondActivityTaskCompletedRequest { TaskToken = started.TaskToken });
            }
        }
    }

    private static async IAsyncEnumerable<QueuedTask> TasksAsync(
        TaskQueueManager matching, QueueKey queue, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            MatchedTask? matched = null;
            try
            {
                matched = await matching.PollAsync(queue, new PollerIdentity("worker", null, null), TimeSpan.FromSeconds(5), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            if (matched?.Task is { } task)
            {
                yield return task;
            }
        }
    }
}
