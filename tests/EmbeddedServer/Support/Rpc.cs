using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Support;

/// <summary>Calls of the workflow service over a channel of gRPC's official client; the request says which call it is.</summary>
internal static class Rpc
{
    private static readonly ServiceDescriptor Service = ServiceReflection.Descriptor.Services.Single();
    private static readonly ConcurrentDictionary<MessageDescriptor, Method<IMessage, IMessage>> Methods = new();

    /// <summary>A channel that names what went wrong below it and takes answers of any size.</summary>
    public static GrpcChannel Channel(string address, HttpMessageHandler? handler = null, string scheme = "http") => GrpcChannel.ForAddress(
        $"{scheme}://{address}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = handler is not null, MaxReceiveMessageSize = null });

    /// <param name="options">Without a deadline they get one that SDKs have for polls, which are not held without.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public static async Task<TResponse> CallAsync<TResponse>(this GrpcChannel channel, IMessage request, CallOptions options = default)
        where TResponse : IMessage<TResponse>
    {
        var waiting = options.Deadline is null ? options.WithDeadline(DateTime.UtcNow.AddSeconds(70)) : options;
        return (TResponse)await channel.CreateCallInvoker().AsyncUnaryCall(Methods.GetOrAdd(request.Descriptor, Find), host: null, waiting, request).ConfigureAwait(false);
    }

    private static Method<IMessage, IMessage> Find(MessageDescriptor request)
    {
        var method = Service.Methods.Single(m => m.InputType == request);
        return new Method<IMessage, IMessage>(
            MethodType.Unary,
            Service.FullName,
            method.Name,
            Marshallers.Create(message => message.ToByteArray(), method.InputType.Parser.ParseFrom),
            Marshallers.Create(message => message.ToByteArray(), method.OutputType.Parser.ParseFrom));
    }
}
