using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Tests.Support;
using Onramp.EmbeddedServer.Transport;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>The server's transport on a free port, with a call of the test's own behind it: <c>DescribeNamespace</c>.</summary>
internal sealed class TransportFixture : IAsyncDisposable
{
    public const string Path = "/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KestrelHost host;
    private readonly ILoggerFactory logs;

    private TransportFixture(KestrelHost host, ILoggerFactory logs, LogLines lines)
    {
        this.host = host;
        this.logs = logs;
        Logs = lines.Lines;
        Channel = Rpc.Channel(Address);
    }

    public string Address => host.EndPoint.ToString();

    public GrpcChannel Channel { get; }

    /// <summary>What was logged, on every level, by whatever category.</summary>
    public IReadOnlyCollection<string> Logs { get; }

    public static async Task<TransportFixture> StartAsync(
        Func<DescribeNamespaceRequest, CallContext, Task<DescribeNamespaceResponse>> handler, Func<HealthCheckResult>? health = null,
        Action<TemporalServerOptions>? configure = null)
    {
        var table = new CallTable().Map(ServiceReflection.Descriptor.Services.Single(), "DescribeNamespace", handler);
        var lines = new LogLines();
        var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines));
        var options = new TemporalServerOptions { Listen = new(System.Net.IPAddress.Loopback, 0), LoggerFactory = logs };
        configure?.Invoke(options);
        return new TransportFixture(await KestrelHost.StartAsync(options, table, health ?? (() => HealthCheckResult.Healthy()), CancellationToken.None), logs, lines);
    }

    public Task<DescribeNamespaceResponse> CallAsync(DescribeNamespaceRequest request, CallOptions options = default) =>
        Channel.CallAsync<DescribeNamespaceResponse>(request, options);

    public async Task<RpcException> RefusalAsync(DescribeNamespaceRequest request, CallOptions options = default) =>
        await Should.ThrowAsync<RpcException>(() => CallAsync(request, options).WaitAsync(Patience));

    /// <summary>Sends a body as it is, and reads the answer's status, its text and its message.</summary>
    public async Task<RawAnswer> SendAsync(byte[] body, string? encoding = null, string path = Path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{Address}{path}")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/grpc") } },
        };
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await http.SendAsync(request).WaitAsync(Patience);
        var message = await response.Content.ReadAsByteArrayAsync();
        string? Header(string name) => response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values)
            ? Uri.UnescapeDataString(values.Single())
            : null;
        return new RawAnswer(Header("grpc-status"), Header("grpc-message"), message);
    }

    /// <summary>A message in its frame: whether it is compressed, its length, and its bytes.</summary>
    public static byte[] Frame(byte[] message, bool compressed = false) =>
        [compressed ? (byte)1 : (byte)0, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length, .. message];

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await host.StopAsync(new CancellationToken(canceled: true));
        await host.DisposeAsync();
        logs.Dispose();
    }

    internal sealed record RawAnswer(string? Status, string? Text, byte[] Body)
    {
        public T Read<T>(MessageParser<T> parser)
            where T : IMessage<T> => parser.ParseFrom(Body.AsSpan(5));
    }

    private sealed class LogLines : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Writer(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Writer(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name})")}");
        }
    }
}
