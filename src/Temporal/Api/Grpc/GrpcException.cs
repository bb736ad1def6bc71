using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Onramp.Grpc;

/// <summary>
/// A gRPC call's failure, on either side: a server handler throws it to answer with that status, a client call throws it
/// when the server answered with one (or when the transport failed, then as <see cref="GrpcStatusCode.Unavailable"/>).
/// </summary>
public sealed class GrpcException : Exception
{
    /// <param name="code">Never <see cref="GrpcStatusCode.Ok"/>.</param>
    /// <param name="message">The text sent as <c>grpc-message</c>.</param>
    /// <param name="detail">Typed detail; official SDKs expect at most one.</param>
    /// <param name="innerException">The cause, kept on this side only.</param>
    public GrpcException(GrpcStatusCode code, string message, IMessage? detail = null, Exception? innerException = null)
        : this(code, message, detail is null ? [] : [Any.Pack(detail)], innerException)
    {
    }

    /// <summary>Makes one from the details as they stand on the wire.</summary>
    public GrpcException(GrpcStatusCode code, string message, IReadOnlyList<Any> details, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Details = details;
    }

    public GrpcStatusCode Code { get; }

    /// <summary>The details of <c>grpc-status-details-bin</c>; empty when there are none.</summary>
    public IReadOnlyList<Any> Details { get; }

    /// <summary>The first detail of type <typeparamref name="T"/>, or null.</summary>
    public T? FindDetail<T>()
        where T : class, IMessage<T>, new()
    {
        foreach (var detail in Details)
        {
            if (detail.TryUnpack<T>(out var message))
            {
                return message;
            }
        }

        return null;
    }
}
