using System.Net;
using Onramp.EmbeddedServer.Tests.Support;
using Onramp.EmbeddedServer.Transport;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>What a client may take up of a connection.</summary>
public sealed class RawConnectionTests
{
    [Fact]
    public async Task More_calls_than_a_connection_has_room_for_are_refused()
    {
        var answered = new TaskCompletionSource<DescribeNamespaceResponse>();
        await using var transport = await TransportFixture.StartAsync((_, _) => answered.Task);
        using var connection = await RawConnection.OpenAsync(IPEndPoint.Parse(transport.Address));
        for (var call = 0; call <= KestrelHost.MaximumStreamsPerConnection; call++)
        {
            await connection.CallAsync((2 * call) + 1, TransportFixture.Path, TransportFixture.Frame([]));
        }

        var answer = await connection.ReadAsync().WaitAsync(TransportFixture.Patience);

        answered.SetResult(new DescribeNamespaceResponse());
        answer.ShouldNotBeNull();
        (answer.IsRefusal, answer.Id).ShouldBe((true, (2 * KestrelHost.MaximumStreamsPerConnection) + 1));
    }
}
