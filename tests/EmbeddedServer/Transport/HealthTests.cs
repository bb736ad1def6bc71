using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Onramp.EmbeddedServer.Tests.Support;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>gRPC's health service, which load balancers and SDKs ask.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("")]
    [InlineData("temporal.api.workflowservice.v1.WorkflowService")]
    [InlineData("temporal.api.operatorservice.v1.OperatorService")]
    public async Task A_running_server_is_serving(string service)
    {
        await using var server = await StartAsync();
        using var channel = Rpc.Channel(server.Address);

        (await new Health.HealthClient(channel).CheckAsync(new() { Service = service })).Status.ShouldBe(Status.Serving);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_not_found()
    {
        await using var server = await StartAsync();
        using var channel = Rpc.Channel(server.Address);

        var refusal = await Should.ThrowAsync<RpcException>(async () => await new Health.HealthClient(channel).CheckAsync(new() { Service = "no.such" }));

        refusal.Status.ShouldBe(new Grpc.Core.Status(StatusCode.NotFound, "unknown service"));
    }

    [Fact]
    public async Task A_server_that_is_not_well_says_so_to_who_asks_or_watches_and_not_to_the_log()
    {
        var isWell = true;
        await using var transport = await TransportFixture.StartAsync(
            (_, _) => throw new InvalidOperationException("must not be called"),
            () => Volatile.Read(ref isWell) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the disk is full"));
        var client = new Health.HealthClient(transport.Channel);
        using var watch = client.Watch(new());
        await watch.ResponseStream.MoveNext().WaitAsync(Patience);

        Volatile.Write(ref isWell, false);

        await watch.ResponseStream.MoveNext().WaitAsync(Patience);
        watch.ResponseStream.Current.Status.ShouldBe(Status.NotServing);
        (await client.CheckAsync(new())).Status.ShouldBe(Status.NotServing);
        transport.Logs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_watches_a_server_that_stops_is_told_and_does_not_hold_it_up()
    {
        var server = await StartAsync();
        using var channel = Rpc.Channel(server.Address);
        using var watch = new Health.HealthClient(channel).Watch(new());
        List<Status> seen = [];
        await watch.ResponseStream.MoveNext().WaitAsync(Patience);
        seen.Add(watch.ResponseStream.Current.Status);

        var stopping = server.DisposeAsync().AsTask();
        while (await watch.ResponseStream.MoveNext().WaitAsync(Patience))
        {
            seen.Add(watch.ResponseStream.Current.Status);
        }

        seen.ShouldBe([Status.Serving, Status.NotServing]);
        await stopping.WaitAsync(Patience);
    }

    private static Task<TemporalServer> StartAsync() =>
        TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), DrainTimeout = TimeSpan.FromMinutes(10) });
}
