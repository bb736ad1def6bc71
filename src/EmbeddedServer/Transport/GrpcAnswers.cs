using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Refusals as gRPC answers.</summary>
internal static class GrpcAnswers
{
    /// <summary>Core's workers look for exactly these words.</summary>
    private const string MessageTooLarge = "grpc: received message larger than max";

    private const string NotFoundStatus = "5";
    private const string OversizedStatus = "8";

    /// <summary>UNKNOWN: what the framework answers when it meets an exception of its own.</summary>
    private const string FrameworkStatus = "2";

    private static readonly string Health = Grpc.Health.V1.Health.Descriptor.FullName;

    public static RpcException ToRpcException(this RefusalException refusal) => refusal.Detail is null
        ? new RpcException(new Status(RefusalTable.RowOf(refusal).Grpc, refusal.Message))
        : StatusOf(refusal).ToRpcException();

    /// <summary>Answers a call that no gRPC method takes: the status stands in the headers, which end the stream.</summary>
    public static void Refuse(HttpContext http, RefusalException refusal)
    {
        http.Response.ContentType = "application/grpc";
        var headers = http.Response.Headers;
        headers["grpc-status"] = ((int)RefusalTable.RowOf(refusal).Grpc).ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
        if (refusal.Detail is not null)
        {
            headers["grpc-status-details-bin"] = StatusOf(refusal).ToByteString().ToBase64();
        }
    }

    /// <summary>In the words of Go's servers.</summary>
    public static RefusalException Unknown(CallTable table, string path)
    {
        var name = path.TrimStart('/');
        var slash = name.LastIndexOf('/');
        if (slash < 0)
        {
            return new RefusalException(RefusalKind.Unimplemented, $"malformed method name: \"{path}\"");
        }

        var service = name[..slash];
        return new RefusalException(RefusalKind.Unimplemented, service == Health || table.Services.Contains(service, StringComparer.Ordinal)
            ? $"unknown method {name[(slash + 1)..]} for service {service}"
            : $"unknown service {service}");
    }

    /// <summary>
    /// Says in Temporal's words what the framework refused by itself, before a handler had the call: a request over the limit, for which Core's
    /// workers look, one that isn't framed or compressed as it says, and a service whose health it doesn't know.
    /// </summary>
    public static void Reword(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            return;
        }

        var refusal = http.Features.Get<CallContext>() is not null ? null : http.Response.Headers["grpc-status"].ToString() switch
        {
            OversizedStatus => TooLarge(),
            NotFoundStatus => new RefusalException(RefusalKind.NotFound, "unknown service"),
            FrameworkStatus => new RefusalException(RefusalKind.Internal, "grpc: error reading request: broken frame"),
            _ => null,
        };
        if (refusal is not null)
        {
            Refuse(http, refusal);
        }
    }

    public static RefusalException TooLarge() => new(RefusalKind.ResourceExhausted, $"{MessageTooLarge} ({MessageMarshallers.MaximumRequestBytes})");

    private static Google.Rpc.Status StatusOf(RefusalException refusal) =>
        new() { Code = (int)refusal.Kind, Message = refusal.Message, Details = { Any.Pack(refusal.Detail) } };
}
