using Temporalio.Client;
using Temporalio.Testing;
using Temporalio.Worker;

namespace Temporalio.Tests;

/// <summary>One embedded server for the tests of a class.</summary>
public sealed class LocalServer : IAsyncLifetime
{
    private WorkflowEnvironment? environment;

    public ITemporalClient Client => environment!.Client;

    public string Address => Client.Connection.Options.TargetHost!;

    public async Task InitializeAsync() => environment = await WorkflowEnvironment.StartLocalAsync(new()
    {
        SearchAttributes = [SearchAttributes.Keyword, SearchAttributes.Number],
    });

    public async Task DisposeAsync()
    {
        if (environment is not null)
        {
            await environment.DisposeAsync();
        }
    }

    /// <summary>Runs a worker on a task queue of its own while something happens.</summary>
    public async Task RunAsync(Action<TemporalWorkerOptions> configure, Func<string, Task> body, ITemporalClient? client = null)
    {
        var taskQueue = $"tq-{Guid.NewGuid()}";
        var options = new TemporalWorkerOptions(taskQueue);
        configure(options);
        using var worker = new TemporalWorker(client ?? Client, options);
        await worker.ExecuteAsync(() => body(taskQueue)).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static WorkflowOptions Start(string taskQueue) => new($"wf-{Guid.NewGuid()}", taskQueue);

    public static class SearchAttributes
    {
        public static readonly Temporalio.Common.SearchAttributeKey<string> Keyword = Temporalio.Common.SearchAttributeKey.CreateKeyword("TestKeyword");

        public static readonly Temporalio.Common.SearchAttributeKey<long> Number = Temporalio.Common.SearchAttributeKey.CreateLong("TestNumber");
    }
}
