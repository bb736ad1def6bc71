using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.Grpc;

/// <summary>Sends unary calls. Implemented over HTTP/2 (<c>GrpcChannel</c>) and in process (<c>InProcessCallInvoker</c>).</summary>
public interface IGrpcCallInvoker
{
    /// <summary>Makes one call.</summary>
    /// <param name="method">From the generated service descriptor, e.g. <c>ServiceReflection.Descriptor.Services[0].FindMethodByName("X")</c>.</param>
    /// <exception cref="GrpcException">The server answered with a status other than OK, or could not be reached.</exception>
    /// <exception cref="OperationCanceledException"><see cref="GrpcCallOptions.CancellationToken"/> was cancelled.</exception>
    Task<TResponse> UnaryAsync<TRequest, TResponse>(MethodDescriptor method, TRequest request, MessageParser<TResponse> parser, GrpcCallOptions options)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>;
}

/// <summary>What belongs to one call.</summary>
/// <param name="Metadata">Lower-case ASCII names; values of names ending in <c>-bin</c> are base64 on the wire.</param>
/// <param name="Timeout">Sent as <c>grpc-timeout</c> and enforced here; null for none.</param>
public readonly record struct GrpcCallOptions(
    IReadOnlyCollection<KeyValuePair<string, string>>? Metadata = null,
    TimeSpan? Timeout = null,
    CancellationToken CancellationToken = default);
