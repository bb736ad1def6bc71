using Google.Protobuf;

namespace Onramp.EmbeddedServer;

/// <summary>
/// Why a call is refused. The numbers are those of <c>google.rpc.Code</c>, by which answers name a failure inside of them, and JSON does; what each
/// is on a transport is told there, in one table.
/// </summary>
public enum RefusalKind
{
    /// <summary>The caller has gone.</summary>
    Cancelled = 1,

    /// <summary>Something went wrong for which Temporal's server has no words of its own.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of things.</summary>
    InvalidArgument = 3,

    /// <summary>The time of the call is over.</summary>
    DeadlineExceeded = 4,

    /// <summary>What it is about isn't there.</summary>
    NotFound = 5,

    /// <summary>What it would create is there already.</summary>
    AlreadyExists = 6,

    /// <summary>Who calls may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>Things are not in the state that it needs.</summary>
    FailedPrecondition = 9,

    /// <summary>It was called off, as something else came first.</summary>
    Aborted = 10,

    /// <summary>The server doesn't do this.</summary>
    Unimplemented = 12,

    /// <summary>A fault of the server.</summary>
    Internal = 13,

    /// <summary>Not now; it may be tried again.</summary>
    Unavailable = 14,

    /// <summary>Nobody knows who calls.</summary>
    Unauthenticated = 16,
}

/// <summary>A call that the server does not carry out; whatever transport it came by answers so.</summary>
public sealed class RefusalException : Exception
{
    /// <param name="kind">Why.</param>
    /// <param name="message">What the caller is told.</param>
    /// <param name="detail">Typed detail; official SDKs expect at most one.</param>
    /// <param name="innerException">The cause, kept on this side only.</param>
    public RefusalException(RefusalKind kind, string message, IMessage? detail = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
        Detail = detail;
    }

    /// <summary>Why.</summary>
    public RefusalKind Kind { get; }

    /// <summary>The message that clients find in <c>grpc-status-details-bin</c>; null for none.</summary>
    public IMessage? Detail { get; }
}
