using System.Text;
using Onramp.Grpc;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Rpc;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <summary>A connection to a server. Safe for concurrent use; make one a process and server.</summary>
public sealed class TemporalConnection : ITemporalConnection
{
    private readonly RpcCaller caller;
    private readonly SemaphoreSlim connecting = new(1, 1);
    private volatile bool connected;

    private TemporalConnection(TemporalConnectionOptions options, IGrpcCallInvoker invoker)
    {
        Options = options;
        Headers = new ConnectionHeaders(options);
        caller = new RpcCaller(invoker, Headers, options.RpcRetry ?? new RpcRetryOptions(), TimeProvider.System, Random.Shared);
        WorkflowService = new WorkflowService.Core(this);
        OperatorService = new OperatorService.Core(this);
        TestService = new TestService.Core(this);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> RpcMetadata
    {
        get => Headers.Metadata;
        set => Headers.Metadata = value;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>> RpcBinaryMetadata
    {
        get => Headers.BinaryMetadata;
        set => Headers.BinaryMetadata = value;
    }

    /// <inheritdoc/>
    public string? ApiKey
    {
        get => Headers.ApiKey;
        set => Headers.ApiKey = value;
    }

    /// <inheritdoc/>
    public WorkflowService WorkflowService { get; private init; }

    /// <inheritdoc/>
    public OperatorService OperatorService { get; private init; }

    /// <inheritdoc/>
    public TestService TestService { get; private init; }

    /// <inheritdoc/>
    public TemporalConnectionOptions Options { get; private init; }

    /// <inheritdoc/>
    public bool IsConnected => connected;

    private ConnectionHeaders Headers { get; }

    /// <summary>Makes a connection and connects.</summary>
    /// <param name="options">Options.</param>
    /// <exception cref="InvalidOperationException">The server can't be reached or refuses.</exception>
    public static async Task<TemporalConnection> ConnectAsync(TemporalConnectionOptions options)
    {
        var connection = CreateLazy(options);
        await connection.ConnectAsync().ConfigureAwait(false);
        return connection;
    }

    /// <summary>Makes a connection that connects with its first call. A worker needs one that is connected.</summary>
    /// <param name="options">Options.</param>
    public static TemporalConnection CreateLazy(TemporalConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var own = WithDefaults(options);
        return new TemporalConnection(own, new GrpcChannel(own.TargetHost!, ChannelOptions(own)));
    }

    /// <inheritdoc/>
    public async Task<bool> CheckHealthAsync(RpcService? service = null, RpcOptions? options = null)
    {
        await ConnectAsync().ConfigureAwait(false);
        var response = await caller.CallAsync(
            RpcMethods.HealthCheck,
            new Grpc.Health.V1.HealthCheckRequest { Service = (service ?? WorkflowService).FullName },
            Grpc.Health.V1.HealthCheckResponse.Parser,
            options).ConfigureAwait(false);
        return response.Status == Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving;
    }

    /// <inheritdoc/>
    public async Task ConnectAsync()
    {
        if (connected)
        {
            return;
        }

        await connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!connected)
            {
                await GreetAsync().ConfigureAwait(false);
                connected = true;
            }
        }
        finally
        {
            connecting.Release();
        }
    }

    /// <summary>A connection over another transport than TCP, for a server in this process.</summary>
    internal static TemporalConnection Create(TemporalConnectionOptions options, IGrpcCallInvoker invoker) =>
        new(WithDefaults(options), invoker);

    internal async Task<T> CallAsync<T>(
        Google.Protobuf.Reflection.MethodDescriptor method,
        Google.Protobuf.IMessage request,
        Google.Protobuf.MessageParser<T> parser,
        RpcOptions? options)
        where T : Google.Protobuf.IMessage<T>
    {
        // Other calls may wait for the same connecting, so a call that is cancelled leaves it alone.
        await ConnectAsync().WaitAsync(options?.CancellationToken ?? CancellationToken.None).ConfigureAwait(false);
        return await caller.CallAsync(method, request, parser, options).ConfigureAwait(false);
    }

    private static TemporalConnectionOptions WithDefaults(TemporalConnectionOptions options)
    {
        var own = (TemporalConnectionOptions)options.Clone();
        if (string.IsNullOrEmpty(own.TargetHost))
        {
            throw new ArgumentException($"{nameof(own.TargetHost)} is required", nameof(options));
        }

        own.Identity ??= $"{Environment.ProcessId}@{Environment.MachineName}";
        own.Runtime ??= Runtime.TemporalRuntime.Default;
        return own;
    }

    private static GrpcChannelOptions ChannelOptions(TemporalConnectionOptions options)
    {
        var channel = new GrpcChannelOptions { KeepAliveInterval = options.KeepAlive?.Interval };
        if (options.KeepAlive is { } keepAlive)
        {
            channel.KeepAliveTimeout = keepAlive.Timeout;
        }

        var tls = options.Tls ?? (options.ApiKey is null ? null : new TlsOptions());
        if (tls is { Disabled: false })
        {
            channel.Tls = new GrpcTlsOptions
            {
                ServerRootCaPem = Pem(tls.ServerRootCACert),
                Domain = tls.Domain,
                ClientCertificatePem = Pem(tls.ClientCert),
                ClientKeyPem = Pem(tls.ClientPrivateKey),
            };
        }

        return channel;
    }

    private static string? Pem(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    private async Task GreetAsync()
    {
        try
        {
            await caller.CallAsync(
                RpcMethods.GetSystemInfo,
                new GetSystemInfoRequest(),
                GetSystemInfoResponse.Parser,
                new RpcOptions { Retry = true }).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.Unimplemented)
        {
            // Servers older than the call are fine.
        }
        catch (RpcException e)
        {
            throw new InvalidOperationException($"Connection failed: {e.Message}", e);
        }
    }
}
