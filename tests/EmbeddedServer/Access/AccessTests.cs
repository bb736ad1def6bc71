using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Tests.Support;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Access;

/// <summary>Who gets in, and what the server has room for, over its socket.</summary>
public sealed class AccessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("reader", StatusCode.OK, StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    [InlineData("writer", StatusCode.OK, StatusCode.OK, StatusCode.PermissionDenied)]
    [InlineData("admin", StatusCode.OK, StatusCode.OK, StatusCode.OK)]
    [InlineData("elsewhere", StatusCode.PermissionDenied, StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    public async Task A_key_lets_its_bearer_do_what_its_role_in_the_namespace_is(string key, StatusCode read, StatusCode write, StatusCode administer)
    {
        await using var server = await StartAsync(options => options.ApiKeys =
        [
            new ApiKey("reader", Grants.Parse(["default:read"])), new ApiKey("writer", Grants.Parse(["default:write"])),
            new ApiKey("admin", Grants.Parse(["default:admin"])), new ApiKey("elsewhere", Grants.Parse(["other:admin"])),
        ]);
        using var channel = Rpc.Channel(server.Address);

        StatusCode[] answers =
        [
            await StatusOf<DescribeNamespaceResponse>(channel, new DescribeNamespaceRequest { Namespace = "default" }, key),
            await StatusOf<StartWorkflowExecutionResponse>(channel, Start(), key),
            await StatusOf<UpdateNamespaceResponse>(channel, new UpdateNamespaceRequest { Namespace = "default" }, key),
        ];

        answers.ShouldBe([read, write, administer]);
    }

    [Fact]
    public async Task The_http_api_lets_in_whom_grpc_does()
    {
        await using var server = await StartAsync(options =>
        {
            options.HttpListen = new IPEndPoint(IPAddress.Loopback, 0);
            options.ApiKeys = [new ApiKey("reader", Grants.Parse(["default:read"]))];
        });
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.HttpEndPoint}"), DefaultRequestHeaders = { { "authorization", "Bearer reader" } } };

        using var read = await client.GetAsync("/api/v1/namespaces/default");
        using var content = new StringContent("{}");
        using var write = await client.PostAsync("/api/v1/namespaces/default/workflows/order/cancel", content);

        (read.StatusCode, write.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task Beyond_loopback_keys_are_not_taken_in_cleartext()
    {
        var refusal = await Should.ThrowAsync<System.ComponentModel.DataAnnotations.ValidationException>(() => StartAsync(options =>
        {
            options.Listen = new IPEndPoint(IPAddress.Any, 0);
            options.ApiKeys = ["key"];
        }));

        refusal.Message.ShouldContain("cleartext");
    }

    [Fact]
    public async Task More_calls_than_the_rate_are_refused_so_that_clients_come_again()
    {
        await using var server = await StartAsync(options => options.MaximumCallsPerSecond = 1);
        using var channel = Rpc.Channel(server.Address);

        var answers = new List<StatusCode>();
        for (var call = 0; call < 50 && !answers.Contains(StatusCode.ResourceExhausted); call++)
        {
            answers.Add(await StatusOf<GetSystemInfoResponse>(channel, new GetSystemInfoRequest()));
        }

        answers.ShouldContain(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task More_calls_at_once_than_there_is_room_for_are_refused()
    {
        await using var server = await StartAsync(options => options.MaximumCallsInFlight = 1);
        using var channel = Rpc.Channel(server.Address);
        using var enough = new CancellationTokenSource();
        Task<PollWorkflowTaskQueueResponse> PollAsync() => channel.CallAsync<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new TaskQueue { Name = "orders" } }, new CallOptions(deadline: DateTime.UtcNow + Patience, cancellationToken: enough.Token));

        // The poll takes the only place; when it has, anything else is refused. It is refused itself if it comes while one of those others has the place.
        var poll = PollAsync();
        var answer = StatusCode.OK;
        while (answer == StatusCode.OK)
        {
            poll = poll.IsFaulted ? PollAsync() : poll;
            answer = await StatusOf<GetSystemInfoResponse>(channel, new GetSystemInfoRequest());
        }

        answer.ShouldBe(StatusCode.ResourceExhausted);
        await enough.CancelAsync();
        await Should.ThrowAsync<RpcException>(() => poll);
    }

    [Fact]
    public async Task More_connections_than_there_is_room_for_are_closed()
    {
        await using var server = await StartAsync(options => options.MaximumConnections = 1);
        using var channel = Rpc.Channel(server.Address);
        await StatusOf<GetSystemInfoResponse>(channel, new GetSystemInfoRequest());

        using var second = new TcpClient();
        await second.ConnectAsync(server.EndPoint);

        (await ReadsNothingAsync(second)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_cut_off()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server.Address}/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Unfinished(),
        };

        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(request));
    }

    private static Task<TemporalServer> StartAsync(Action<TemporalServerOptions>? configure = null)
    {
        var options = new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        configure?.Invoke(options);
        return TemporalServer.StartAsync(options);
    }

    private static StartWorkflowExecutionRequest Start() => new()
    {
        Namespace = "default",
        WorkflowId = "order",
        RequestId = "request",
        WorkflowType = new() { Name = "Order" },
        TaskQueue = new TaskQueue { Name = "orders" },
    };

    private static async Task<StatusCode> StatusOf<TResponse>(GrpcChannel channel, IMessage request, string? key = null)
        where TResponse : IMessage<TResponse>
    {
        var headers = new Metadata();
        if (key is not null)
        {
            headers.Add("authorization", $"Bearer {key}");
        }

        try
        {
            await channel.CallAsync<TResponse>(request, new CallOptions(headers, DateTime.UtcNow + Patience));
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private static async Task<bool> ReadsNothingAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The first bytes of a frame, and then nothing more.</summary>
    private sealed class Unfinished : HttpContent
    {
        public Unfinished() => Headers.ContentType = new("application/grpc");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0 });
            await stream.FlushAsync();
            await Task.Delay(Timeout.Infinite);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
