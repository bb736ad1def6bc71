using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Messages to and from the wire, with the rules that requests are held to.</summary>
internal static class MessageMarshallers
{
    /// <summary>gRPC's default size, which Temporal's server keeps.</summary>
    public const int MaximumRequestBytes = 4 * 1024 * 1024;

    /// <summary>Writes any answer.</summary>
    public static readonly Marshaller<IMessage> Response = new(
        (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        _ => throw new InvalidOperationException("The server reads no answers."));

    /// <summary>Reads requests of one type.</summary>
    public static Marshaller<IMessage> Request(MessageDescriptor type) => new(
        (_, _) => throw new InvalidOperationException("The server writes no requests."),
        context => Read(type, context));

    private static IMessage Read(MessageDescriptor type, DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        if (!TextRules.Keeps(payload, type))
        {
            throw Refuse(StatusCode.Internal, "grpc: error unmarshalling request: string field contains invalid UTF-8");
        }

        try
        {
            return type.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw Refuse(StatusCode.Internal, $"grpc: error unmarshalling request: {broken.Message}");
        }
    }

    private static RpcException Refuse(StatusCode code, string message) => new(new Status(code, message));
}
