using Temporalio.Api.Common.V1;

namespace Temporalio.Exceptions;

/// <summary>The server answered a call with an error, or could not be reached.</summary>
public class RpcException : TemporalException
{
    private readonly Lazy<GrpcStatus?> grpcStatus;

    /// <summary>Makes one.</summary>
    /// <param name="code">Status.</param>
    /// <param name="message">The server's text.</param>
    /// <param name="rawStatus">A serialized <c>google.rpc.Status</c>, if the server sent details.</param>
    public RpcException(StatusCode code, string message, byte[]? rawStatus)
        : base(message)
    {
        Code = code;
        RawStatus = rawStatus;
        grpcStatus = new(() => RawStatus is null ? null : Temporalio.Api.Common.V1.GrpcStatus.Parser.ParseFrom(RawStatus));
    }

    /// <summary>gRPC status codes.</summary>
    public enum StatusCode
    {
        /// <summary>Success.</summary>
        OK = 0,

        /// <summary>The caller or the server cancelled the call.</summary>
        Cancelled = 1,

        /// <summary>No more is known.</summary>
        Unknown = 2,

        /// <summary>The request is wrong whatever the state.</summary>
        InvalidArgument = 3,

        /// <summary>Time ran out.</summary>
        DeadlineExceeded = 4,

        /// <summary>There is no such thing, or it is closed.</summary>
        NotFound = 5,

        /// <summary>It exists already.</summary>
        AlreadyExists = 6,

        /// <summary>The caller may not do that.</summary>
        PermissionDenied = 7,

        /// <summary>A limit was reached.</summary>
        ResourceExhausted = 8,

        /// <summary>The state does not allow it.</summary>
        FailedPrecondition = 9,

        /// <summary>A concurrent change got in the way.</summary>
        Aborted = 10,

        /// <summary>Beyond the valid range.</summary>
        OutOfRange = 11,

        /// <summary>The server does not offer it.</summary>
        Unimplemented = 12,

        /// <summary>The server is broken.</summary>
        Internal = 13,

        /// <summary>The server cannot be reached or is not ready.</summary>
        Unavailable = 14,

        /// <summary>Data is lost.</summary>
        DataLoss = 15,

        /// <summary>The caller's credentials are missing or wrong.</summary>
        Unauthenticated = 16,
    }

    /// <summary>Status.</summary>
    public StatusCode Code { get; private init; }

    /// <summary>A serialized <c>google.rpc.Status</c>, if the server sent details.</summary>
    public byte[]? RawStatus { get; private init; }

    /// <summary>The parsed <see cref="RawStatus"/>; null when there is none.</summary>
    public Lazy<GrpcStatus?> GrpcStatus => grpcStatus;
}
