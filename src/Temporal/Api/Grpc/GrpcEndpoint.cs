using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Onramp.Grpc;

/// <summary>Answers gRPC calls on Kestrel: HTTP/2 with prior knowledge or TLS, unary calls only.</summary>
public static class GrpcEndpoint
{
    /// <summary>
    /// Answers every call of <paramref name="table"/>; a path that it does not know is answered UNIMPLEMENTED. Put it last: it takes every
    /// request whose content type is gRPC's.
    /// </summary>
    /// <param name="app">The web application.</param>
    /// <param name="table">The calls.</param>
    /// <param name="authorize">Runs before each call; throws <see cref="GrpcException"/> to refuse it. Null lets every call in.</param>
    /// <param name="time">For deadlines; they are real time, so leave it at the system's clock outside of tests of this class.</param>
    public static void UseGrpc(this IApplicationBuilder app, GrpcServiceTable table, Action<HttpContext>? authorize, ILogger logger, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        app.Use(async (http, next) =>
        {
            if (http.Request.ContentType?.StartsWith(GrpcHeaders.ContentType, StringComparison.OrdinalIgnoreCase) != true)
            {
                await next(http).ConfigureAwait(false);
                return;
            }

            await AnswerAsync(http, table, authorize, logger, clock).ConfigureAwait(false);
        });
    }

    private static async Task AnswerAsync(HttpContext http, GrpcServiceTable table, Action<HttpContext>? authorize, ILogger logger, TimeProvider time)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            // The message's own limit answers before this one cuts the stream.
            bodySize.MaxRequestBodySize = MessageRules.Response.MaximumBytes;
        }

        http.Response.ContentType = GrpcHeaders.ContentType;
        using var call = ServerCall.Begin(http, time);
        IMessage response;
        try
        {
            if (!HttpMethods.IsPost(http.Request.Method))
            {
                throw new GrpcException(GrpcStatusCode.Unimplemented, "gRPC calls are POST requests");
            }

            authorize?.Invoke(http);
            var entry = Find(table, http.Request.Path.Value!);
            var request = entry.Method.InputType.Parser.ParseFrom(ByteString.Empty);
            var read = await GrpcFraming.TryReadSingleAsync(
                http.Request.BodyReader, request, http.Request.Headers[GrpcHeaders.Encoding], MessageRules.Request, http.RequestAborted).ConfigureAwait(false);
            if (!read)
            {
                throw new GrpcException(GrpcStatusCode.Internal, "the call carries no message");
            }

            response = await entry.Handler!(request, call.Context).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            call.Fail(ServerCall.ToStatus(e, call, logger));
            return;
        }

        await call.RespondAsync(response).ConfigureAwait(false);
    }

    private static GrpcServiceTable.Entry Find(GrpcServiceTable table, string path)
    {
        if (!table.Entries.TryGetValue(path, out var entry))
        {
            var parts = path.Split('/');
            var text = parts.Length == 3 && table.Entries.Keys.Any(k => k.StartsWith($"/{parts[1]}/", StringComparison.Ordinal))
                ? $"unknown method {parts[2]} for service {parts[1]}"
                : $"unknown service {path.Trim('/').Split('/')[0]}";
            throw new GrpcException(GrpcStatusCode.Unimplemented, text);
        }

        return entry.Handler is null
            ? throw new GrpcException(GrpcStatusCode.Unimplemented, $"method {entry.Method.Name} not implemented")
            : entry;
    }
}
