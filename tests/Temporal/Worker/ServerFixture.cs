using Onramp.EmbeddedServer;
using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Tests.Worker;

/// <summary>An embedded server in memory, and workers on queues of their own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private TemporalServer server = null!;

    public TemporalClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        server = await TemporalServer.StartAsync(new TemporalServerOptions { Listen = null });
        Client = NewClient(new TemporalClientOptions());
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public TemporalClient NewClient(TemporalClientOptions options) =>
        new(TemporalConnection.Create(new TemporalConnectionOptions("localhost:7233") { Identity = "test" }, server.CallInvoker), options);

    /// <summary>Runs a worker with some workflows and activities for as long as a test needs it.</summary>
    public async Task WithWorkerAsync(Action<TemporalWorkerOptions> configure, Func<TemporalWorker, Task> test, TemporalClient? client = null)
    {
        var options = new TemporalWorkerOptions($"queue-{Guid.NewGuid():N}");
        configure(options);
        using var worker = new TemporalWorker(client ?? Client, options);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await worker.ExecuteAsync(() => test(worker), limit.Token);
    }
}

/// <summary>What tests of workers share.</summary>
public static class WorkerTestExtensions
{
    public static WorkflowOptions NewRun(this TemporalWorker worker, string? id = null) =>
        new(id ?? $"wf-{Guid.NewGuid():N}", worker.Options.TaskQueue!);
}
