using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Onramp.Grpc;

/// <summary>One call on the server: its context, its deadline, and the one answer that it gets.</summary>
internal sealed class ServerCall : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> LogUnexpected =
        LoggerMessage.Define<string>(LogLevel.Error, new EventId(1, "UnexpectedFailure"), "{Path} failed unexpectedly");

    private readonly HttpContext http;
    private readonly CancellationTokenSource? deadline;

    private ServerCall(HttpContext http, CancellationTokenSource? deadline, GrpcCallContext context)
    {
        this.http = http;
        this.deadline = deadline;
        Context = context;
    }

    public GrpcCallContext Context { get; }

    public static ServerCall Begin(HttpContext http, TimeProvider time)
    {
        var timeout = GrpcHeaders.ParseTimeout(http.Request.Headers[GrpcHeaders.Timeout]);
        CancellationTokenSource? source = null;
        var token = http.RequestAborted;
        DateTimeOffset? due = null;
        if (timeout is { } wait)
        {
            due = time.GetUtcNow() + wait;
            source = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            source.CancelAfter(wait > TimeSpan.FromDays(20) ? TimeSpan.FromDays(20) : wait);
            token = source.Token;
        }

        var peer = $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort.ToString(CultureInfo.InvariantCulture)}";
        return new ServerCall(http, source, new GrpcCallContext(new RequestMetadata(http.Request.Headers), due, peer, token));
    }

    /// <summary>The status that a handler's exception is answered with; what nobody expected is logged and kept from the caller.</summary>
    public static GrpcException ToStatus(Exception failure, ServerCall call, ILogger logger)
    {
        switch (failure)
        {
            case GrpcException status:
                return status;
            case OperationCanceledException when call.http.RequestAborted.IsCancellationRequested:
                return new GrpcException(GrpcStatusCode.Cancelled, "context canceled");
            case OperationCanceledException when call.deadline?.IsCancellationRequested == true:
                return new GrpcException(GrpcStatusCode.DeadlineExceeded, "context deadline exceeded");
            case OperationCanceledException:
                return new GrpcException(GrpcStatusCode.Unavailable, "the server is shutting down");
            case InvalidProtocolBufferException broken:
                return new GrpcException(GrpcStatusCode.Internal, $"grpc: error unmarshalling request: {Reason(broken)}");
            case BadHttpRequestException bad:
                return new GrpcException(GrpcStatusCode.ResourceExhausted, bad.Message);
            case IOException when call.http.RequestAborted.IsCancellationRequested:
                return new GrpcException(GrpcStatusCode.Cancelled, "context canceled");
            default:
                LogUnexpected(logger, call.http.Request.Path.Value!, failure);
                return new GrpcException(GrpcStatusCode.Internal, "internal error");
        }
    }

    /// <summary>Why a request can't be read, in the words of Go's servers where they have some.</summary>
    private static string Reason(InvalidProtocolBufferException broken) =>
        broken.Message.Contains("UTF-8", StringComparison.Ordinal) || broken.InnerException is DecoderFallbackException
            ? "string field contains invalid UTF-8"
            : broken.Message;

    /// <summary>Sends the message and an OK trailer; if the caller can't be reached any more, says so to the handler's registrations.</summary>
    public async Task RespondAsync(IMessage response)
    {
        if (Context.CancellationToken.IsCancellationRequested)
        {
            Context.ReportUndelivered();
            Fail(http.RequestAborted.IsCancellationRequested
                ? new GrpcException(GrpcStatusCode.Cancelled, "context canceled")
                : new GrpcException(GrpcStatusCode.DeadlineExceeded, "context deadline exceeded"));
            return;
        }

        try
        {
            GrpcFraming.Write(http.Response.BodyWriter, response);
            http.Response.AppendTrailer(GrpcHeaders.Status, "0");
            await http.Response.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            Context.ReportUndelivered();
            return;
        }

        if (http.RequestAborted.IsCancellationRequested)
        {
            Context.ReportUndelivered();
        }
    }

    /// <summary>A call without a message carries its status in the headers, which end the stream.</summary>
    public void Fail(GrpcException failure)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        var headers = http.Response.Headers;
        headers[GrpcHeaders.Status] = ((int)failure.Code).ToString(CultureInfo.InvariantCulture);
        headers[GrpcHeaders.Message] = GrpcHeaders.EncodeMessage(failure.Message);
        if (GrpcHeaders.EncodeDetails(failure) is { } details)
        {
            headers[GrpcHeaders.Details] = details;
        }
    }

    public void Dispose() => deadline?.Dispose();

    /// <summary>Request headers as metadata, read only when asked for.</summary>
    private sealed class RequestMetadata(IHeaderDictionary headers) : IReadOnlyDictionary<string, string>
    {
        public int Count => headers.Count;

        public IEnumerable<string> Keys => headers.Keys.Select(k => k.ToLowerInvariant());

        public IEnumerable<string> Values => headers.Values.Select(v => v.ToString());

        public string this[string key] => headers.TryGetValue(key, out var value) ? value.ToString() : throw new KeyNotFoundException(key);

        public bool ContainsKey(string key) => headers.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
        {
            var found = headers.TryGetValue(key, out var values);
            value = found ? values.ToString() : null;
            return found;
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
        {
            foreach (var (name, values) in headers)
            {
                yield return KeyValuePair.Create(name.ToLowerInvariant(), values.ToString());
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
