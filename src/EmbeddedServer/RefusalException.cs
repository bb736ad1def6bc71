using Google.Protobuf;
using Grpc.Core;

namespace Onramp.EmbeddedServer;

/// <summary>A call that the server does not carry out; whatever transport it came by answers with this status.</summary>
public sealed class RefusalException : Exception
{
    /// <param name="code">Never <see cref="StatusCode.OK"/>.</param>
    /// <param name="message">What the caller is told.</param>
    /// <param name="detail">Typed detail; official SDKs expect at most one.</param>
    /// <param name="innerException">The cause, kept on this side only.</param>
    public RefusalException(StatusCode code, string message, IMessage? detail = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Detail = detail;
    }

    /// <summary>The status.</summary>
    public StatusCode Code { get; }

    /// <summary>The message that clients find in <c>grpc-status-details-bin</c>; null for none.</summary>
    public IMessage? Detail { get; }
}
