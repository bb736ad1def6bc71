using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.Grpc;
using Temporalio.Api.Common.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Temporal.Api.Tests;

public sealed class GrpcTests
{
    private static readonly ServiceDescriptor Service = ServiceReflection.Descriptor.Services[0];
    private static readonly MethodDescriptor Describe = Service.FindMethodByName("DescribeNamespace");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<bool> Transports => new() { true, false };

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task An_answer_comes_back_as_it_was_sent(bool inProcess)
    {
        await using var fixture = await Fixture.StartAsync(inProcess, (request, _) => Task.FromResult(new DescribeNamespaceResponse
        {
            FailoverVersion = request.Namespace.Length,
        }));

        var response = await fixture.CallAsync(new DescribeNamespaceRequest { Namespace = "höhe" });

        response.FailoverVersion.ShouldBe(4);
    }

    [Fact]
    public async Task Answers_of_several_megabytes_pass()
    {
        await using var fixture = await Fixture.StartAsync(inProcess: false, (request, _) => Task.FromResult(new DescribeNamespaceResponse
        {
            NamespaceInfo = new() { Name = string.Concat(Enumerable.Repeat(request.Namespace, 10)) },
        }));
        var part = new string('x', 1024 * 1024);

        var response = await fixture.CallAsync(new DescribeNamespaceRequest { Namespace = part });

        response.NamespaceInfo.Name.Length.ShouldBe(10 * part.Length);
    }

    [Fact]
    public async Task A_request_over_four_megabytes_is_refused_in_the_words_that_official_workers_know()
    {
        await using var fixture = await Fixture.StartAsync(inProcess: false, (_, _) => throw new InvalidOperationException("must not be called"));

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.CallAsync(new DescribeNamespaceRequest { Namespace = new string('x', 5 * 1024 * 1024) }));

        failure.Code.ShouldBe(GrpcStatusCode.ResourceExhausted);
        failure.Message.ShouldStartWith("grpc: received message larger than max");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_failure_keeps_its_code_text_and_detail(bool inProcess)
    {
        await using var fixture = await Fixture.StartAsync(inProcess, (_, _) => throw new GrpcException(
            GrpcStatusCode.NotFound, "Namespace größer 100 % not found\n", new NamespaceNotFoundFailure { Namespace = "x" }));

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.CallAsync(new()));

        failure.Code.ShouldBe(GrpcStatusCode.NotFound);
        failure.Message.ShouldBe("Namespace größer 100 % not found\n");
        failure.FindDetail<NamespaceNotFoundFailure>()!.Namespace.ShouldBe("x");
        failure.FindDetail<WorkflowNotReadyFailure>().ShouldBeNull();
    }

    [Fact]
    public async Task An_unexpected_exception_tells_the_caller_nothing_of_its_text()
    {
        await using var fixture = await Fixture.StartAsync(inProcess: false, (_, _) => throw new InvalidOperationException("password=hunter2"));

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.CallAsync(new()));

        failure.Code.ShouldBe(GrpcStatusCode.Internal);
        failure.Message.ShouldNotContain("hunter2");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_method_without_handler_is_unimplemented_by_name(bool inProcess)
    {
        await using var fixture = await Fixture.StartAsync(inProcess, (_, _) => Task.FromResult(new DescribeNamespaceResponse()));

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.Invoker.UnaryAsync(
            Service.FindMethodByName("PauseActivity"), new PauseActivityRequest(), PauseActivityResponse.Parser, default));

        failure.Code.ShouldBe(GrpcStatusCode.Unimplemented);
        failure.Message.ShouldBe("method PauseActivity not implemented");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task The_deadline_ends_the_call_on_both_sides(bool inProcess)
    {
        var ended = new TaskCompletionSource();
        await using var fixture = await Fixture.StartAsync(inProcess, async (_, context) =>
        {
            context.CancellationToken.Register(() => ended.TrySetResult());
            await ended.Task;
            return new DescribeNamespaceResponse();
        });

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.CallAsync(new(), new GrpcCallOptions(Timeout: TimeSpan.FromMilliseconds(150))));

        failure.Code.ShouldBe(GrpcStatusCode.DeadlineExceeded);
        await ended.Task.WaitAsync(Patience);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_caller_that_has_gone_is_reported_as_undelivered(bool inProcess)
    {
        var begun = new TaskCompletionSource();
        var undelivered = new TaskCompletionSource();
        using var gone = new CancellationTokenSource();
        await using var fixture = await Fixture.StartAsync(inProcess, async (_, context) =>
        {
            var aborted = new TaskCompletionSource();
            context.OnUndelivered(() => undelivered.TrySetResult());
            context.CancellationToken.Register(() => aborted.TrySetResult());
            begun.SetResult();
            await aborted.Task;
            return new DescribeNamespaceResponse();
        });

        var call = fixture.CallAsync(new(), new GrpcCallOptions(CancellationToken: gone.Token));
        await begun.Task.WaitAsync(Patience);
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await undelivered.Task.WaitAsync(Patience);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Metadata_reaches_the_handler_under_lower_case_names(bool inProcess)
    {
        await using var fixture = await Fixture.StartAsync(inProcess, (_, context) => Task.FromResult(new DescribeNamespaceResponse
        {
            NamespaceInfo = new() { Name = context.Metadata["client-name"] },
        }));

        var response = await fixture.CallAsync(new(), new GrpcCallOptions(Metadata: [KeyValuePair.Create("client-name", "temporal-dotnet")]));

        response.NamespaceInfo.Name.ShouldBe("temporal-dotnet");
    }

    [Fact]
    public async Task A_gzip_request_is_understood()
    {
        await using var fixture = await Fixture.StartAsync(inProcess: false, (request, _) => Task.FromResult(new DescribeNamespaceResponse
        {
            FailoverVersion = request.Namespace.Length,
        }));
        var message = new DescribeNamespaceRequest { Namespace = new string('z', 5000) }.ToByteArray();
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(message);
        }

        byte[] frame = [1, 0, 0, (byte)(zipped.Length >> 8), (byte)zipped.Length, .. zipped.ToArray()];
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{fixture.Address}{GrpcServiceTable.PathOf(Describe)}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.Add("grpc-encoding", "gzip");

        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();

        DescribeNamespaceResponse.Parser.ParseFrom(body.AsSpan(5)).FailoverVersion.ShouldBe(5000);
        response.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("0");
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 7 })]
    public async Task A_broken_frame_is_refused_and_the_handler_not_called(byte[] frame)
    {
        await using var fixture = await Fixture.StartAsync(inProcess: false, (_, _) => throw new InvalidOperationException("must not be called"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{fixture.Address}{GrpcServiceTable.PathOf(Describe)}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };

        using var response = await http.SendAsync(request);

        response.Headers.GetValues("grpc-status").Single().ShouldBeOneOf("3", "8", "12", "13");
        response.Headers.GetValues("grpc-message").Single().ShouldNotBe("internal error");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_and_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        using var channel = new GrpcChannel(address);

        var failure = await Should.ThrowAsync<GrpcException>(() => channel.UnaryAsync(Describe, new DescribeNamespaceRequest(), DescribeNamespaceResponse.Parser, default));

        failure.Code.ShouldBe(GrpcStatusCode.Unavailable);
        failure.Message.ShouldContain(address);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("http://localhost:7233")]
    [InlineData("localhost:99999")]
    [InlineData("")]
    public void A_target_that_is_not_host_and_port_is_refused(string target) =>
        Should.Throw<ArgumentException>(() => new GrpcChannel(target)).Message.ShouldContain("HOST:PORT");

    [Fact]
    public async Task Calls_pass_over_mutual_tls_and_only_with_the_right_certificates()
    {
        using var server = SelfSigned("localhost");
        using var client = SelfSigned("client");
        using var stranger = SelfSigned("stranger");
        await using var fixture = await Fixture.StartAsync(
            inProcess: false, (_, _) => Task.FromResult(new DescribeNamespaceResponse { FailoverVersion = 7 }), server, wantClientCertificate: true);
        Task<DescribeNamespaceResponse> CallAsync(X509Certificate2? certificate, string? authority)
        {
            var channel = new GrpcChannel(fixture.Address, new GrpcChannelOptions
            {
                Tls = new GrpcTlsOptions
                {
                    ServerRootCaPem = authority,
                    Domain = "localhost",
                    ClientCertificatePem = certificate?.ExportCertificatePem(),
                    ClientKeyPem = certificate?.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
                },
            });
            return channel.UnaryAsync(Describe, new DescribeNamespaceRequest(), DescribeNamespaceResponse.Parser, default);
        }

        (await CallAsync(client, server.ExportCertificatePem())).FailoverVersion.ShouldBe(7);
        (await Should.ThrowAsync<GrpcException>(() => CallAsync(stranger, server.ExportCertificatePem()))).Code.ShouldBe(GrpcStatusCode.Unavailable);
        (await Should.ThrowAsync<GrpcException>(() => CallAsync(null, server.ExportCertificatePem()))).Code.ShouldBe(GrpcStatusCode.Unavailable);
        (await Should.ThrowAsync<GrpcException>(() => CallAsync(client, stranger.ExportCertificatePem()))).Code.ShouldBe(GrpcStatusCode.Unavailable);
    }

    [Fact]
    public async Task An_authorizer_refuses_before_the_handler_runs()
    {
        await using var fixture = await Fixture.StartAsync(
            inProcess: false,
            (_, _) => throw new InvalidOperationException("must not be called"),
            authorize: http => throw new GrpcException(GrpcStatusCode.Unauthenticated, $"no {http.Request.Headers.Authorization.Count} tokens"));

        var failure = await Should.ThrowAsync<GrpcException>(() => fixture.CallAsync(new()));

        failure.Code.ShouldBe(GrpcStatusCode.Unauthenticated);
    }

    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1000u")]
    [InlineData(99_999, "99999000u")]
    [InlineData(100_000, "100000m")]
    [InlineData(3_600_000_000L, "3600000S")]
    public void Timeouts_are_written_with_at_most_eight_digits_and_read_back(long milliseconds, string written)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);

        GrpcHeaders.FormatTimeout(timeout).ShouldBe(written);
        GrpcHeaders.ParseTimeout(written).ShouldBe(timeout);
    }

    [Fact]
    public void A_handler_is_mapped_once_and_only_with_its_own_types()
    {
        var table = new GrpcServiceTable().AddService(Service);
        Task<DescribeNamespaceResponse> Handle(DescribeNamespaceRequest request, GrpcCallContext context) => Task.FromResult(new DescribeNamespaceResponse());

        Should.Throw<ArgumentException>(() => table.Map<DescribeNamespaceRequest, DescribeNamespaceResponse>(Service, "NoSuchCall", Handle));
        Should.Throw<ArgumentException>(() => table.Map<DescribeNamespaceRequest, DescribeNamespaceResponse>(Service, "ListNamespaces", Handle));
        table.Map<DescribeNamespaceRequest, DescribeNamespaceResponse>(Service, "DescribeNamespace", Handle);
        Should.Throw<ArgumentException>(() => table.Map<DescribeNamespaceRequest, DescribeNamespaceResponse>(Service, "DescribeNamespace", Handle));
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class Fixture : IAsyncDisposable
    {
        private GrpcTestServer? server;

        public required IGrpcCallInvoker Invoker { get; init; }

        public string Address => server!.Address;

        public static async Task<Fixture> StartAsync(
            bool inProcess,
            Func<DescribeNamespaceRequest, GrpcCallContext, Task<DescribeNamespaceResponse>> handler,
            X509Certificate2? certificate = null,
            bool wantClientCertificate = false,
            Action<Microsoft.AspNetCore.Http.HttpContext>? authorize = null)
        {
            var table = new GrpcServiceTable().AddService(Service).Map(Service, "DescribeNamespace", handler);
            if (inProcess)
            {
                return new Fixture { Invoker = new InProcessCallInvoker(table) };
            }

            var server = await GrpcTestServer.StartAsync(table, certificate, wantClientCertificate, authorize);
            return new Fixture { Invoker = new GrpcChannel(server.Address), server = server };
        }

        public Task<DescribeNamespaceResponse> CallAsync(DescribeNamespaceRequest request, GrpcCallOptions options = default) =>
            Invoker.UnaryAsync(Describe, request, DescribeNamespaceResponse.Parser, options);

        public async ValueTask DisposeAsync()
        {
            (Invoker as IDisposable)?.Dispose();
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }
}
