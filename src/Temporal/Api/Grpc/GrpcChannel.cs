using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.Grpc;

/// <summary>
/// Unary calls over HTTP/2, cleartext with prior knowledge or TLS. It connects with the first call, connects again after a loss, and opens
/// more connections when one has no streams left.
/// </summary>
public sealed class GrpcChannel : IGrpcCallInvoker, IDisposable
{
    private readonly HttpMessageInvoker http;
    private readonly Uri address;
    private readonly string? serverName;

    /// <param name="target"><c>host:port</c>.</param>
    /// <exception cref="ArgumentException">The target is not host and port, or the TLS options don't fit together.</exception>
    public GrpcChannel(string target, GrpcChannelOptions? options = null)
    {
        options ??= new GrpcChannelOptions();
        var scheme = options.Tls is null ? "http" : "https";
        if (!Uri.TryCreate($"{scheme}://{target}", UriKind.Absolute, out var parsed) || parsed.PathAndQuery != "/" || parsed.Host.Length == 0
            || target.Contains('/', StringComparison.Ordinal) || !HasPort(target))
        {
            throw new ArgumentException($"'{target}' is not an address of the form HOST:PORT", nameof(target));
        }

        address = parsed;
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = options.ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
        };
        if (options.KeepAliveInterval is { } interval)
        {
            handler.KeepAlivePingDelay = interval;
            handler.KeepAlivePingTimeout = options.KeepAliveTimeout;
        }

        if (options.Tls is { } tls)
        {
            handler.SslOptions = tls.Build();
            serverName = tls.Domain;
        }

        http = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        MethodDescriptor method, TRequest request, MessageParser<TResponse> parser, GrpcCallOptions options)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        if (options.Timeout is { } timeout)
        {
            deadline.CancelAfter(timeout);
        }

        try
        {
            using var message = Compose(method, request, options);
            using var response = await http.SendAsync(message, deadline.Token).ConfigureAwait(false);
            return await ReadAsync(response, parser, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (options.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(options.CancellationToken);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, "Deadline exceeded", innerException: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, $"{address.Authority} can't be reached: {Innermost(e).Message}", innerException: e);
        }
    }

    public void Dispose() => http.Dispose();

    private static bool HasPort(string target)
    {
        var colon = target.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private HttpRequestMessage Compose(MethodDescriptor method, IMessage request, GrpcCallOptions options)
    {
        var body = new ArrayBufferWriter<byte>(request.CalculateSize() + GrpcFraming.PrefixLength);
        GrpcFraming.Write(body, request);
        var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, GrpcServiceTable.PathOf(method)))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        // The handler takes the name to verify from the request, not from its TLS options.
        message.Headers.Host = serverName;
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        message.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, "identity,gzip");
        if (options.Timeout is { } timeout)
        {
            message.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcHeaders.FormatTimeout(timeout));
        }

        foreach (var (name, value) in options.Metadata ?? [])
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private static async Task<TResponse> ReadAsync<TResponse>(HttpResponseMessage response, MessageParser<TResponse> parser, CancellationToken cancellationToken)
        where TResponse : IMessage<TResponse>
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new GrpcException(StatusOf(response.StatusCode), $"HTTP status {(int)response.StatusCode} instead of a gRPC answer");
        }

        if (Find(response.Headers, GrpcHeaders.Status) is not null)
        {
            ThrowUnlessOk(response.Headers);
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var result = parser.ParseFrom(ByteString.Empty);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        var any = await GrpcFraming.TryReadSingleAsync(
            reader, result, Find(response.Headers, GrpcHeaders.Encoding), MessageRules.Response, cancellationToken).ConfigureAwait(false);
        await reader.CompleteAsync().ConfigureAwait(false);
        ThrowUnlessOk(response.TrailingHeaders);
        return any ? result : throw new GrpcException(GrpcStatusCode.Internal, "the answer carries no message");
    }

    private static void ThrowUnlessOk(HttpHeaders headers)
    {
        var status = Find(headers, GrpcHeaders.Status);
        if (status is null || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            throw new GrpcException(GrpcStatusCode.Unknown, "the answer carries no gRPC status");
        }

        if (code != 0)
        {
            throw GrpcHeaders.Decode(code, Find(headers, GrpcHeaders.Message), Find(headers, GrpcHeaders.Details));
        }
    }

    private static string? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    /// <summary>What gRPC prescribes for answers that come from something that speaks only HTTP.</summary>
    private static GrpcStatusCode StatusOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
        HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
        HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };
}
