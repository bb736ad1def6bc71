using System.Net;
using Onramp.EmbeddedServer;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Worker;

namespace Onramp.Temporal.Tests.Activities;

/// <summary>The server goes away while an activity runs, and comes back: the activity's result is neither lost nor made twice.</summary>
public sealed class ServerRestartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("onramp-sdk-").FullName;
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int runs;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_running_activity_outlives_its_server()
    {
        var first = await StartServerAsync(new(IPAddress.Loopback, 0));
        var endPoint = first.EndPoint!;
        var client = await TemporalClient.ConnectAsync(new(first.Address) { RpcRetry = new() { MaxElapsedTime = TimeSpan.FromSeconds(60), MaxRetries = 100 } });
        using var worker = new TemporalWorker(
            client, new TemporalWorkerOptions("queue").AddWorkflow<CallActivityWorkflow>().AddActivity(WaitAsync));
        TemporalServer? second = null;
        try
        {
            await worker.ExecuteAsync(async () =>
            {
                var handle = await client.StartWorkflowAsync(
                    (CallActivityWorkflow w) => w.RunAsync(new("Wait", Array.Empty<object?>())), LocalServer.Start("queue"));
                await started.Task;

                await first.DisposeAsync();
                release.SetResult();
                second = await StartServerAsync(endPoint);

                (await handle.GetResultAsync<string>()).ShouldBe("waited");
            }).WaitAsync(TimeSpan.FromSeconds(90));
        }
        finally
        {
            if (second is not null)
            {
                await second.DisposeAsync();
            }
        }

        runs.ShouldBe(1);
    }

    [Activity]
    private async Task<string> WaitAsync()
    {
        Interlocked.Increment(ref runs);
        started.TrySetResult();
        await release.Task;
        return "waited";
    }

    private Task<TemporalServer> StartServerAsync(IPEndPoint listen) =>
        TemporalServer.StartAsync(new() { Listen = listen, DataFile = Path.Combine(folder, "data.db"), DrainTimeout = TimeSpan.FromSeconds(1) });
}
