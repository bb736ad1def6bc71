using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Frontend.Workers;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Tests.Matching;
using ManualClock = Onramp.EmbeddedServer.Tests.Matching.ManualClock;
using Onramp.EmbeddedServer.Transport;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>All of the server but its socket, in memory, on a clock that moves only when told to.</summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    public const string Namespace = "default";
    public const string Queue = "q";

    private readonly CancellationTokenSource stopping;
    private readonly SqliteStore store;
    private readonly HistoryEngine history;
    private readonly CallTable table;
    private readonly FrontendServices services;

    private ServerFixture(ManualClock clock, SqliteStore store, FaultyStore historyStore, HistoryEngine history, TaskQueueManager matching, CallTable table, FrontendServices services, CancellationTokenSource stopping)
    {
        Clock = clock;
        this.store = store;
        HistoryStore = historyStore;
        this.history = history;
        Matching = matching;
        this.table = table;
        this.services = services;
        this.stopping = stopping;
    }

    public ManualClock Clock { get; }

    public IStore Store => store;

    /// <summary>The store as the history engine has it, whose faults a test may ask for.</summary>
    public FaultyStore HistoryStore { get; }

    public TaskQueueManager Matching { get; }

    private NamespaceRemoval Removal { get; init; } = null!;

    public static async Task<ServerFixture> StartAsync(HistoryEngineOptions? options = null, int mostNamespaces = Limits.Namespaces)
    {
        var clock = new ManualClock();
        var stopping = new CancellationTokenSource();
        var ids = new RandomIdSource(clock, seed: 1);
        var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
        var matching = new TaskQueueManager(new MatchingOptions(), clock, clock);
        var limits = options ?? new HistoryEngineOptions();
        var namespaces = new NamespaceRegistry(store, ids, limits, mostNamespaces);
        await namespaces.EnsureAsync([Namespace], TimeSpan.FromDays(1), new Dictionary<string, Temporalio.Api.Enums.V1.IndexedValueType>());
        var types = new SearchAttributeTypes(store);
        var faulty = new FaultyStore(store);
        var history = new HistoryEngine(faulty, matching, types, clock, limits, NullLogger<HistoryEngine>.Instance, ids);
        history.Recover();
        var visibility = new SqliteVisibility(store);
        var batches = new BatchOperations(store, history, visibility, clock, clock, NullLogger.Instance);
        var services = new FrontendServices(
            namespaces, history, history.Schedules, batches, matching, visibility, types, new PayloadRules(limits), ids, clock, clock, NullLogger.Instance, stopping.Token);
        var configs = new TaskQueueConfigs(store, matching, clock);
        var removal = new NamespaceRemoval(services, configs);
        var table = FrontendTable.Create(services, new ServerIdentity(ids.NewId(), clock.GetUtcNow()), removal, configs, new WorkerRegistry(clock));
        return new ServerFixture(clock, store, faulty, history, matching, table, services, stopping) { Removal = removal };
    }

    /// <summary>Makes a call the way a transport does.</summary>
    public async Task<TResponse> CallAsync<TResponse>(IMessage request, CallContext? context = null)
        where TResponse : class, IMessage
    {
        var name = request.Descriptor.Name[..^"Request".Length];
        var entry = table.Entries.Values.First(e => e.Method.Name == name && e.Method.InputType == request.Descriptor);
        return (TResponse)await entry.Handler(request, context ?? Context());
    }

    /// <summary>The failure that a call ends with.</summary>
    public async Task<RefusalException> RefusalAsync(IMessage request, CallContext? context = null) =>
        await Should.ThrowAsync<RefusalException>(() => CallAsync<IMessage>(request, context));

    public CallContext Context(TimeSpan? deadline = null, CancellationToken cancellationToken = default, Dictionary<string, string>? metadata = null) =>
        new(name => metadata?.GetValueOrDefault(name), deadline is { } wait ? Clock.GetUtcNow() + wait : null, cancellationToken);

    public static StartWorkflowExecutionRequest StartRequest(string workflowId = "wf") => new()
    {
        Namespace = Namespace,
        WorkflowId = workflowId,
        WorkflowType = new WorkflowType { Name = "type" },
        TaskQueue = new Temporalio.Api.TaskQueue.V1.TaskQueue { Name = Queue },
        RequestId = $"start of {workflowId}",
        Identity = "test",
    };

    public static PollWorkflowTaskQueueRequest PollRequest() => new() { Namespace = Namespace, TaskQueue = new Temporalio.Api.TaskQueue.V1.TaskQueue { Name = Queue }, Identity = "worker" };

    public Task<StartWorkflowExecutionResponse> StartWorkflowAsync(string workflowId = "wf") => CallAsync<StartWorkflowExecutionResponse>(StartRequest(workflowId));

    public Task<PollWorkflowTaskQueueResponse> PollAsync(CallContext? context = null) => CallAsync<PollWorkflowTaskQueueResponse>(PollRequest(), context ?? PollContext());

    /// <summary>Of a worker that waits as long as those of SDKs do; no poll is held without a deadline.</summary>
    public CallContext PollContext(CancellationToken cancellationToken = default) => Context(TimeSpan.FromSeconds(70), cancellationToken);

    /// <summary>Removes what is past its retention, at once.</summary>
    public async Task SweepAsync(ILogger? log = null)
    {
        await using var sweep = new RetentionSweep(log is null ? services : services with { Logger = log }, store);
        await sweep.SweepAllAsync();
    }

    /// <summary>Waits until what has become due is decided.</summary>
    public Task SettleAsync() => history.DrainAsync();

    /// <summary>Waits until what was deleted of namespaces is gone.</summary>
    public async Task RemovedAsync() => await Removal.DisposeAsync();

    public void Stop()
    {
        stopping.Cancel();
        Matching.Close();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        history.Dispose();
        await store.DisposeAsync();
        Matching.Dispose();
        stopping.Dispose();
    }
}
