using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Onramp.EmbeddedServer.Tests.Frontend;
using Onramp.EmbeddedServer.Tests.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>A disk that fails while many call: every call ends, and whatever was acknowledged is there when a server is started on the file again.</summary>
public sealed class ServerFaultTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-faults-");
    private readonly ConcurrentBag<string> acknowledged = [];

    private string FilePath => Path.Combine(folder.FullName, "server.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.WriteError)]
    [InlineData(DiskFault.SyncError)]
    [InlineData(DiskFault.ShortWrite)]
    public async Task Nothing_acknowledged_is_lost_and_nobody_waits_for_ever(DiskFault fault)
    {
        using (var disk = FaultyDisk.Under(folder.FullName))
        {
            await using var server = await StartAsync();
            using var channel = Rpc.Channel(server.Address);
            var callers = Enumerable.Range(0, 8).Select(caller => CallUntilRefusedAsync(channel, caller)).ToArray();
            var poll = channel.CallAsync<PollWorkflowTaskQueueResponse>(new PollWorkflowTaskQueueRequest(ServerFixture.PollRequest()) { TaskQueue = new() { Name = "idle" } });
            while (acknowledged.Count < 50)
            {
                await Task.Yield();
            }

            disk.Fault = fault;

            (await Task.WhenAll(callers).WaitAsync(Patience)).ShouldAllBe(refusal => refusal.StatusCode == StatusCode.Unavailable);
            await server.Failed.WaitAsync(Patience);
            await Should.NotThrowAsync(async () => await Task.WhenAny(poll).WaitAsync(Patience));
            disk.Fault = DiskFault.None;
        }

        await using var again = await StartAsync();
        using var second = Rpc.Channel(again.Address);
        foreach (var id in acknowledged)
        {
            var described = await second.CallAsync<DescribeWorkflowExecutionResponse>(new DescribeWorkflowExecutionRequest
            {
                Namespace = ServerFixture.Namespace, Execution = new WorkflowExecution { WorkflowId = id },
            });
            described.PendingWorkflowTask.ShouldNotBeNull();
        }

        await second.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("after"));
    }

    private Task<TemporalServer> StartAsync() => TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), DataFile = FilePath });

    /// <summary>Starts workflows one after the other, each with a signal; what ended that.</summary>
    private async Task<RpcException> CallUntilRefusedAsync(GrpcChannel channel, int caller)
    {
        for (var call = 0; ; call++)
        {
            var id = $"caller-{caller}-{call}";
            try
            {
                await channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest(id));
                acknowledged.Add(id);
            }
            catch (RpcException refusal)
            {
                return refusal;
            }
        }
    }
}
