using System.Net;
using Onramp.EmbeddedServer;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;

namespace Onramp.Temporal.Tests.Children;

/// <summary>The server goes away while a parent waits for its child, and comes back.</summary>
public sealed class ChildRestartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("onramp-sdk-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_parent_and_its_child_outlive_their_server()
    {
        var first = await StartServerAsync(new(IPAddress.Loopback, 0));
        var endPoint = first.EndPoint!;
        var client = await TemporalClient.ConnectAsync(new(first.Address) { RpcRetry = new() { MaxElapsedTime = TimeSpan.FromSeconds(60), MaxRetries = 100 } });
        using var worker = new TemporalWorker(
            client, new TemporalWorkerOptions("queue").AddWorkflow<PlainParent>().AddWorkflow<ObedientChild>());
        TemporalServer? second = null;
        try
        {
            await worker.ExecuteAsync(async () =>
            {
                var parent = await client.StartWorkflowAsync((PlainParent w) => w.RunAsync("child"), LocalServer.Start("queue"));
                await foreach (var e in parent.FetchHistoryEventsAsync(new() { WaitNewEvent = true }))
                {
                    if (e.EventType == EventType.StartChildWorkflowExecutionInitiated)
                    {
                        break;
                    }
                }

                await first.DisposeAsync();
                second = await StartServerAsync(endPoint);
                await client.GetWorkflowHandle<ObedientChild>("child").SignalAsync(w => w.TellAsync("finish"));

                (await parent.GetResultAsync()).ShouldBe("run 1: ");
            }).WaitAsync(TimeSpan.FromSeconds(90));
        }
        finally
        {
            if (second is not null)
            {
                await second.DisposeAsync();
            }
        }
    }

    private Task<TemporalServer> StartServerAsync(IPEndPoint listen) =>
        TemporalServer.StartAsync(new() { Listen = listen, DataFile = Path.Combine(folder, "data.db"), DrainTimeout = TimeSpan.FromSeconds(1) });
}
