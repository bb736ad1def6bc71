using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

public sealed class EmbeddedServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task It_answers_on_a_port_that_it_found_free()
    {
        await using var server = await TemporalServer.StartAsync(Options());
        using var channel = Rpc.Channel(server.Address);

        (await Call<DescribeNamespaceResponse>(channel, new DescribeNamespaceRequest { Namespace = "default" })).NamespaceInfo.Name.ShouldBe("default");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public async Task It_refuses_to_listen_beyond_loopback_without_authentication(string address)
    {
        var options = Options();
        options.Listen = new IPEndPoint(IPAddress.Parse(address), 0);

        var refusal = await Should.ThrowAsync<ValidationException>(() => TemporalServer.StartAsync(options));

        refusal.Message.ShouldContain("configure API keys");
    }

    [Fact]
    public async Task Options_that_contradict_each_other_are_refused_before_anything_is_opened()
    {
        using var key = ECDsa.Create();
        var options = Options();
        options.ClientAuthorities = [Certificate("ca", key, issuer: null, isAuthority: true)];

        (await Should.ThrowAsync<ValidationException>(() => TemporalServer.StartAsync(options))).Message.ShouldContain("need TLS");
    }

    [Fact]
    public async Task With_api_keys_only_callers_with_one_get_in_and_health_stays_open()
    {
        var options = Options();
        options.ApiKeys = ["first", "second"];
        await using var server = await TemporalServer.StartAsync(options);
        using var channel = Rpc.Channel(server.Address);

        foreach (var header in new[] { null, "second", "Bearer third", "Bearer ", "Basic second" })
        {
            var refusal = await Should.ThrowAsync<RpcException>(() => Call<GetSystemInfoResponse>(channel, new GetSystemInfoRequest(), header));
            refusal.StatusCode.ShouldBe(StatusCode.PermissionDenied);
            refusal.Status.Detail.ShouldBe("Request unauthorized.");
        }

        await Call<GetSystemInfoResponse>(channel, new GetSystemInfoRequest(), "Bearer second");
        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task With_client_authorities_only_callers_with_a_certificate_of_theirs_get_in()
    {
        using var authorityKey = ECDsa.Create();
        using var serverKey = ECDsa.Create();
        using var clientKey = ECDsa.Create();
        using var strangerKey = ECDsa.Create();
        using var authority = Certificate("authority", authorityKey, issuer: null, isAuthority: true);
        using var certificate = Certificate("localhost", serverKey, authority);
        using var client = Certificate("client", clientKey, authority);
        using var stranger = Certificate("stranger", strangerKey, issuer: null);
        var options = Options();
        options.Certificate = certificate;
        options.ClientAuthorities = [authority];
        await using var server = await TemporalServer.StartAsync(options);

        using var known = Channel(server, authority, client);
        (await Call<GetSystemInfoResponse>(known, new GetSystemInfoRequest())).ServerVersion.ShouldNotBeEmpty();

        foreach (var shown in new[] { null, stranger })
        {
            using var channel = Channel(server, authority, shown);

            // TLS 1.3 refuses a client after its own handshake is done: what the client notices first, a reset or an alert, is chance.
            (await Should.ThrowAsync<RpcException>(() => Call<GetSystemInfoResponse>(channel, new GetSystemInfoRequest())))
                .StatusCode.ShouldBeOneOf(StatusCode.Unavailable, StatusCode.Internal);
        }
    }

    [Fact]
    public async Task Stopping_ends_parked_polls_empty_and_is_safe_twice()
    {
        var server = await TemporalServer.StartAsync(Options());
        using var channel = Rpc.Channel(server.Address);
        var poll = Call<PollWorkflowTaskQueueResponse>(channel, Poll());
        await Reach(() => Describe(channel), pollers => pollers.Pollers.Count == 1);

        await server.DisposeAsync().AsTask().WaitAsync(Patience);

        (await poll.WaitAsync(Patience)).TaskToken.IsEmpty.ShouldBeTrue();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_task_handed_to_a_connection_that_broke_goes_to_the_next_poller()
    {
        await using var server = await TemporalServer.StartAsync(Options());
        using var gone = new CancellationTokenSource();
        using var channel = Rpc.Channel(server.Address);
        using (var broken = Rpc.Channel(server.Address))
        {
            var lost = Call<PollWorkflowTaskQueueResponse>(broken, Poll(), cancellationToken: gone.Token);
            await Reach(() => Describe(channel), pollers => pollers.Pollers.Count == 1);
            await gone.CancelAsync();
            (await Should.ThrowAsync<RpcException>(() => lost)).StatusCode.ShouldBe(StatusCode.Cancelled);
        }

        await Call<StartWorkflowExecutionResponse>(channel, ServerFixture.StartRequest());

        (await Call<PollWorkflowTaskQueueResponse>(channel, Poll()).WaitAsync(Patience)).WorkflowExecution.WorkflowId.ShouldBe("wf");
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("onramp-server-");
        try
        {
            var options = Options();
            options.DataFile = Path.Combine(folder.FullName, "server.db");
            await using (var server = await TemporalServer.StartAsync(options))
            {
                using var channel = Rpc.Channel(server.Address);
                await Call<RegisterNamespaceResponse>(
                    channel, new RegisterNamespaceRequest { Namespace = "mine", WorkflowExecutionRetentionPeriod = new() { Seconds = 86_400 } });
                await Call<StartWorkflowExecutionResponse>(channel, ServerFixture.StartRequest());
            }

            await using var again = await TemporalServer.StartAsync(options);
            using var next = Rpc.Channel(again.Address);

            (await Call<DescribeNamespaceResponse>(next, new DescribeNamespaceRequest { Namespace = "mine" })).NamespaceInfo.Name.ShouldBe("mine");
            (await Call<PollWorkflowTaskQueueResponse>(next, Poll()).WaitAsync(Patience)).WorkflowExecution.WorkflowId.ShouldBe("wf");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_data_file_that_is_none_is_refused()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, new string('x', 10_000));
            var options = Options();
            options.DataFile = file;

            await Should.ThrowAsync<StoreOpenException>(() => TemporalServer.StartAsync(options));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_refused()
    {
        await using var server = await TemporalServer.StartAsync(Options());
        var options = Options();
        options.Listen = server.EndPoint;

        await Should.ThrowAsync<IOException>(() => TemporalServer.StartAsync(options));
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused_rather_than_replaced()
    {
        await using var server = await TemporalServer.StartAsync(Options());
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var message = ServerFixture.StartRequest("id-XX").ToByteArray();
        var at = message.AsSpan().IndexOf("XX"u8);
        (message[at], message[at + 1]) = (0xC3, 0x28);
        byte[] framed = [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];
        using var content = new ByteArrayContent(framed);
        content.Headers.ContentType = new("application/grpc");

        using var response = await http.PostAsync(new Uri($"http://{server.Address}/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution"), content);

        response.Headers.GetValues("grpc-status").Single().ShouldBe("13");
        response.Headers.GetValues("grpc-message").Single().ShouldBe("grpc: error unmarshalling request: string field contains invalid UTF-8");
    }

    private static TemporalServerOptions Options() => new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    private static PollWorkflowTaskQueueRequest Poll() => ServerFixture.PollRequest();

    private static Task<DescribeTaskQueueResponse> Describe(GrpcChannel channel) => Call<DescribeTaskQueueResponse>(
        channel, new DescribeTaskQueueRequest { Namespace = "default", TaskQueue = new TaskQueue { Name = ServerFixture.Queue } });

    /// <summary>Asks until the answer is as hoped; a poll shows itself only by being described.</summary>
    private static async Task Reach<T>(Func<Task<T>> ask, Func<T, bool> isReached)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isReached(await ask()))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static Task<TResponse> Call<TResponse>(GrpcChannel channel, IMessage request, string? authorization = null, CancellationToken cancellationToken = default)
        where TResponse : IMessage<TResponse>
    {
        var headers = new Metadata();
        if (authorization is not null)
        {
            headers.Add("authorization", authorization);
        }

        return channel.CallAsync<TResponse>(request, new CallOptions(headers, DateTime.UtcNow + Patience, cancellationToken));
    }

    private static GrpcChannel Channel(TemporalServer server, X509Certificate2 authority, X509Certificate2? client)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.TargetHost = "localhost";
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (client is not null)
        {
            handler.SslOptions.ClientCertificates = [client];
        }

        return Rpc.Channel(server.Address, handler, "https");
    }

    private static X509Certificate2 Certificate(string name, ECDsa key, X509Certificate2? issuer, bool isAuthority = false)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        var to = DateTimeOffset.UtcNow.AddDays(1);
        using var made = issuer is null
            ? request.CreateSelfSigned(from.AddHours(-1), to.AddHours(1))
            : request.Create(issuer, from, to, Guid.NewGuid().ToByteArray()).CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
    }
}
