using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Refusals as gRPC answers.</summary>
internal static class GrpcAnswers
{
    public static RpcException ToRpcException(this RefusalException refusal) => refusal.Detail is null
        ? new RpcException(new Status(refusal.Code, refusal.Message))
        : StatusOf(refusal).ToRpcException();

    /// <summary>Answers a call that no gRPC method takes: the status stands in the headers, which end the stream.</summary>
    public static void Refuse(HttpContext http, RefusalException refusal)
    {
        http.Response.ContentType = "application/grpc";
        var headers = http.Response.Headers;
        headers["grpc-status"] = ((int)refusal.Code).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
        if (refusal.Detail is not null)
        {
            headers["grpc-status-details-bin"] = StatusOf(refusal).ToByteString().ToBase64();
        }
    }

    /// <summary>In the words of Go's servers.</summary>
    public static RefusalException Unknown(CallTable table, string path)
    {
        var parts = path.Split('/');
        return new RefusalException(StatusCode.Unimplemented, parts.Length == 3 && table.Services.Contains(parts[1], StringComparer.Ordinal)
            ? $"unknown method {parts[2]} for service {parts[1]}"
            : $"unknown service {path.Trim('/').Split('/')[0]}");
    }

    private static Google.Rpc.Status StatusOf(RefusalException refusal) =>
        new() { Code = (int)refusal.Code, Message = refusal.Message, Details = { Any.Pack(refusal.Detail) } };
}
