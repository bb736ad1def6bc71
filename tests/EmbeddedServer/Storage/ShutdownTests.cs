using System.Net;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Frontend;
using Onramp.EmbeddedServer.Tests.Support;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>A server that is stopped stops, whatever it is waiting for.</summary>
public sealed class ShutdownTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-shutdown-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Another_programs_lock_on_the_file_does_not_keep_it_from_stopping()
    {
        var path = Path.Combine(folder.FullName, "server.db");
        var server = await TemporalServer.StartAsync(new()
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0), DataFile = path, DrainTimeout = TimeSpan.FromSeconds(1),
        });
        using var channel = Rpc.Channel(server.Address);
        await channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest());
        await channel.CallAsync<StartBatchOperationResponse>(new StartBatchOperationRequest
        {
            Namespace = ServerFixture.Namespace, JobId = "job", Reason = "r", VisibilityQuery = "WorkflowType = 'type'", SignalOperation = new() { Signal = "hello" },
        });
        using var other = Database.Open(path, readOnly: false);
        other.Execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE");
        var starting = channel.CallAsync<StartWorkflowExecutionResponse>(ServerFixture.StartRequest("waits"));

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        await Should.ThrowAsync<Grpc.Core.RpcException>(() => starting);
        other.Execute("COMMIT");
    }
}
