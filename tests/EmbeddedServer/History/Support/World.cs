using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>An engine on a store in memory, with a clock that stands still; the test plays client and worker.</summary>
public sealed class World : IAsyncDisposable
{
    public const string Sticky = "worker-1";
    private readonly HistoryEngineOptions options;
    private int engines = 7;

    private World(FaultyStore store, HistoryEngineOptions options)
    {
        Store = store;
        this.options = options;
        Engine = NewEngine();
    }

    public static NamespaceRef Namespace { get; } = new("5ca1ab1e-0000-4000-8000-000000000001", "default");

    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public FaultyStore Store { get; }

    /// <summary>What the engine could not do in the background, and that was no refusal of the store's: faults of its own.</summary>
    public ConcurrentQueue<Exception> Broken { get; } = [];

    public TaskLog Tasks { get; private set; } = new();

    public HistoryEngine Engine { get; private set; }

    public static World Create(HistoryEngineOptions? options = null, string dataFile = SqliteStoreOptions.InMemory) =>
        new(new FaultyStore(SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = dataFile })), options ?? new HistoryEngineOptions());

    /// <summary>On a store that the test knows too; the world closes it.</summary>
    public static World Create(IStore store) => new(new FaultyStore(store), new HistoryEngineOptions());

    public async ValueTask DisposeAsync()
    {
        Engine.Dispose();
        await Engine.DrainAsync();
        await Store.DisposeAsync();
    }

    /// <summary>A new engine on the same store, as after a restart of the process.</summary>
    public async Task RestartAsync()
    {
        Engine.Dispose();
        await Engine.DrainAsync();
        Tasks = new TaskLog();
        Engine = NewEngine();
        Engine.Recover();
    }

    /// <summary>Waits until runs have dealt with what they sent each other.</summary>
    public Task SettleAsync() => Engine.DrainAsync();

    /// <summary>Lets time pass; whatever becomes due happens when it is due.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        await Engine.DrainAsync();
        var end = Clock.GetUtcNow() + span;
        while (Clock.NextDue is { } due && due <= end)
        {
            Clock.MoveTo(due);
            await Engine.DrainAsync();
        }

        Clock.MoveTo(end);
    }

    public Task<StartWorkflowExecutionResponse> StartAsync(string workflowId = "order", Action<StartWorkflowExecutionRequest>? change = null)
    {
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = Namespace.Name,
            WorkflowId = workflowId,
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new TaskQueue { Name = "orders" },
            RequestId = $"start-{workflowId}",
            Identity = "client",
        };
        change?.Invoke(request);
        return Engine.Starts.StartAsync(Namespace, request);
    }

    public Task SignalAsync(string name, string workflowId = "order", string requestId = "") => Engine.Requests.SignalAsync(Namespace, new SignalWorkflowExecutionRequest
    {
        WorkflowExecution = new WorkflowExecution { WorkflowId = workflowId },
        SignalName = name,
        RequestId = requestId,
    });

    public Task TerminateAsync(string workflowId = "order") => Engine.Requests.TerminateAsync(Namespace, new TerminateWorkflowExecutionRequest
    {
        WorkflowExecution = new WorkflowExecution { WorkflowId = workflowId },
        Reason = "enough",
    });

    public Task RequestCancelAsync(string workflowId = "order") => Engine.Requests.RequestCancelAsync(Namespace, new RequestCancelWorkflowExecutionRequest
    {
        WorkflowExecution = new WorkflowExecution { WorkflowId = workflowId },
    });

    /// <summary>Takes the next workflow task that is current, as a worker does.</summary>
    public async Task<PollWorkflowTaskQueueResponse> PollAsync(string? queue = null) =>
        await TryPollAsync(queue) ?? throw new InvalidOperationException("there is no workflow task");

    public async Task<PollWorkflowTaskQueueResponse?> TryPollAsync(string? queue = null)
    {
        while (Tasks.Take(TaskKind.Workflow, queue) is { } task)
        {
            var poll = new PollWorkflowTaskQueueRequest { TaskQueue = new TaskQueue { Name = queue ?? task.Dispatch.Queue }, Identity = "worker" };
            if (await Engine.WorkflowTasks.StartAsync(Namespace, task, poll) is { } started)
            {
                return started;
            }
        }

        return null;
    }

    public async Task<PollActivityTaskQueueResponse> PollActivityAsync() =>
        await TryPollActivityAsync() ?? throw new InvalidOperationException("there is no activity task");

    public async Task<PollActivityTaskQueueResponse?> TryPollActivityAsync()
    {
        while (Tasks.Take(TaskKind.Activity) is { } task)
        {
            var poll = new PollActivityTaskQueueRequest { TaskQueue = new TaskQueue { Name = task.Dispatch.Queue }, Identity = "worker" };
            if (await Engine.Activities.StartAsync(Namespace, task, poll) is { } started)
            {
                return started;
            }
        }

        return null;
    }

    public Task<RespondWorkflowTaskCompletedResponse> CompleteAsync(PollWorkflowTaskQueueResponse task, params Command[] commands) =>
        CompleteAsync(task, _ => { }, commands);

    public Task<RespondWorkflowTaskCompletedResponse> CompleteAsync(
        PollWorkflowTaskQueueResponse task, Action<RespondWorkflowTaskCompletedRequest> change, params Command[] commands)
    {
        var request = new RespondWorkflowTaskCompletedRequest { TaskToken = task.TaskToken, Identity = "worker", Commands = { commands } };
        change(request);
        return Engine.Completion.CompleteAsync(Namespace, request);
    }

    public static void KeepSticky(RespondWorkflowTaskCompletedRequest request) => request.StickyAttributes = new StickyExecutionAttributes
    {
        WorkerTaskQueue = new TaskQueue { Name = Sticky, Kind = TaskQueueKind.Sticky, NormalName = "orders" },
        ScheduleToStartTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
    };

    public Task FailTaskAsync(PollWorkflowTaskQueueResponse task) => Engine.WorkflowTasks.FailAsync(Namespace, new RespondWorkflowTaskFailedRequest
    {
        TaskToken = task.TaskToken,
        Cause = WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure,
        Identity = "worker",
    });

    public Task CompleteActivityAsync(PollActivityTaskQueueResponse task) => Engine.ActivityAnswers.CompleteAsync(Namespace, new RespondActivityTaskCompletedRequest
    {
        TaskToken = task.TaskToken,
        Result = Text("done"),
        Identity = "worker",
    });

    public Task FailActivityAsync(PollActivityTaskQueueResponse task, bool retryable = true) => Engine.ActivityAnswers.FailAsync(Namespace, new RespondActivityTaskFailedRequest
    {
        TaskToken = task.TaskToken,
        Failure = new Failure { Message = "no luck", ApplicationFailureInfo = new ApplicationFailureInfo { NonRetryable = !retryable } },
        Identity = "worker",
    });

    public async Task<IReadOnlyList<HistoryEvent>> EventsAsync(string workflowId = "order", string runId = "") =>
        (await Engine.Reads.ReadAsync(Namespace, workflowId, runId, 1, 10_000)).Events;

    public async Task<string> HistoryAsync(string workflowId = "order", string runId = "") => (await EventsAsync(workflowId, runId)).Show();

    public Task<DescribeWorkflowExecutionResponse> DescribeAsync(string workflowId = "order") => Engine.Reads.DescribeAsync(Namespace, new DescribeWorkflowExecutionRequest
    {
        Execution = new WorkflowExecution { WorkflowId = workflowId },
    });

    public static Payloads Text(string text) => new()
    {
        Payloads_ = { new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = ByteString.CopyFromUtf8($"\"{text}\"") } },
    };

    private HistoryEngine NewEngine() => new(
        Store, Tasks, new SearchAttributeTypes(Store), Clock, options, new Faults(Broken), new RandomIdSource(Clock, seed: engines++));

    private sealed class Faults(ConcurrentQueue<Exception> broken) : ILogger<HistoryEngine>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var cause = exception is InvalidOperationException { InnerException: RefusalException inner } ? inner : exception;
            if (cause is not (null or RefusalException { Kind: not RefusalKind.Internal }))
            {
                broken.Enqueue(cause);
            }
        }
    }
}
