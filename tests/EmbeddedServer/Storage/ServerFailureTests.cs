using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Tests.Frontend;
using Onramp.EmbeddedServer.Tests.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>A server whose data file can't be written any more says so everywhere and takes nothing on.</summary>
public sealed class ServerFailureTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-faults-");
    private readonly LogLines log = new();
    private FaultyDisk disk = null!;
    private TemporalServer server = null!;

    public async Task InitializeAsync()
    {
        disk = FaultyDisk.Under(folder.FullName);
        server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            DataFile = Path.Combine(folder.FullName, "server.db"),
            LoggerFactory = new OneLogger(log),
        });
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        disk.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_call_that_met_it_and_every_later_one_is_refused_as_unavailable()
    {
        using var channel = Rpc.Channel(server.Address);
        await channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("before"));
        disk.Fault = DiskFault.Full;

        var met = await Should.ThrowAsync<RpcException>(() => channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("during")));
        disk.Fault = DiskFault.None;
        await server.Failed.WaitAsync(Patience);

        met.StatusCode.ShouldBe(StatusCode.Unavailable);
        (await Should.ThrowAsync<RpcException>(() => channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("after"))))
            .Status.ShouldBe(new Status(StatusCode.Unavailable, "the server's data file can't be written any more"));
        (await Should.ThrowAsync<RpcException>(() => channel.CallAsync<PollWorkflowTaskQueueResponse>(ServerFixture.PollRequest())))
            .StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Health_says_not_serving()
    {
        using var channel = Rpc.Channel(server.Address);

        await FailAsync(channel);

        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.NotServing);
    }

    [Fact]
    public async Task Calls_that_wait_end_at_once()
    {
        using var channel = Rpc.Channel(server.Address);
        var poll = channel.CallAsync<PollWorkflowTaskQueueResponse>(new PollWorkflowTaskQueueRequest(ServerFixture.PollRequest()) { TaskQueue = new() { Name = "idle" } });
        await ParkedAsync(channel, "idle");

        await FailAsync(channel);

        (await poll.WaitAsync(Patience)).TaskToken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task One_line_in_the_log_names_the_file_and_the_reason()
    {
        using var channel = Rpc.Channel(server.Address);

        await FailAsync(channel);
        await log.First.WaitAsync(Patience);

        log.Lines.Single().ShouldBe(
            $"The data file {Path.Combine(folder.FullName, "server.db")} can't be written any more: the disk did not confirm what was written (fsync failed). "
            + "Every call is refused from now on; nothing that was acknowledged is lost. Put that right and start again");
    }

    /// <summary>Waits until somebody polls the queue.</summary>
    private static async Task ParkedAsync(Grpc.Net.Client.GrpcChannel channel, string queue)
    {
        var request = new DescribeTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new() { Name = queue }, TaskQueueType = TaskQueueType.Workflow };
        while ((await channel.CallAsync<DescribeTaskQueueResponse>(request)).Pollers.Count == 0)
        {
            await Task.Yield();
        }
    }

    private async Task FailAsync(Grpc.Net.Client.GrpcChannel channel)
    {
        disk.Fault = DiskFault.SyncError;
        await Should.ThrowAsync<RpcException>(() => channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("during")));
        await server.Failed.WaitAsync(Patience);
    }

    /// <summary>Warnings and worse of the server's own parts.</summary>
    private sealed class OneLogger(LogLines lines) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Onramp", StringComparison.Ordinal)
            ? lines
            : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Dispose()
        {
            // It owns nothing.
        }
    }
}
