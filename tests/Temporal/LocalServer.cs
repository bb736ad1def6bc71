using Onramp.Testing;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Temporal.Tests;

/// <summary>One embedded server for the tests of a class, and workers on queues of their own.</summary>
public sealed class LocalServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private EmbeddedEnvironment environment = null!;

    public ITemporalClient Client => environment.Client;

    public string Address => environment.Address;

    /// <summary>Lets the server's time pass, from one timer to the next.</summary>
    public Task SkipAsync(TimeSpan span) => environment.DelayAsync(span);

    public async Task InitializeAsync() => environment = await EmbeddedEnvironment.StartAsync([SearchAttributes.Keyword, SearchAttributes.Number]);

    public async Task DisposeAsync() => await environment.DisposeAsync();

    /// <summary>Another client on the same connection.</summary>
    public ITemporalClient NewClient(TemporalClientOptions options) => new TemporalClient(Client.Connection, options);

    /// <summary>Runs a worker on a task queue of its own while something happens.</summary>
    public async Task RunAsync(Action<TemporalWorkerOptions> configure, Func<string, Task> body, ITemporalClient? client = null)
    {
        var taskQueue = $"tq-{Guid.NewGuid()}";
        var options = new TemporalWorkerOptions(taskQueue);
        configure(options);
        using var worker = new TemporalWorker(client ?? Client, options);
        using var limit = new CancellationTokenSource(Patience);
        await worker.ExecuteAsync(() => body(taskQueue), limit.Token);
    }

    public static WorkflowOptions Start(string taskQueue) => new($"wf-{Guid.NewGuid()}", taskQueue);

    public static class SearchAttributes
    {
        public static readonly SearchAttributeKey<string> Keyword = SearchAttributeKey.CreateKeyword("TestKeyword");

        public static readonly SearchAttributeKey<long> Number = SearchAttributeKey.CreateLong("TestNumber");
    }
}
