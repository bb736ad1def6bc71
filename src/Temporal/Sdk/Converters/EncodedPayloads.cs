using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>What the encodings share.</summary>
internal static class EncodedPayloads
{
    private const string MessageTypeMetadataKey = "messageType";

    public static Payload Create(ByteString encoding, ByteString data, string? messageType = null)
    {
        var payload = new Payload { Data = data, Metadata = { [DefaultPayloadConverter.EncodingMetadataKey] = encoding } };
        if (messageType is not null)
        {
            payload.Metadata[MessageTypeMetadataKey] = ByteString.CopyFromUtf8(messageType);
        }

        return payload;
    }

    /// <summary>The descriptor of a message type, which must be the one that the payload says it holds.</summary>
    public static MessageDescriptor Descriptor(Payload payload, Type type)
    {
        if (!typeof(IMessage).IsAssignableFrom(type)
            || type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is not MessageDescriptor descriptor)
        {
            throw new ArgumentException($"Protobuf payload cannot convert to type {type}, which is no message", nameof(type));
        }

        if (payload.Metadata.TryGetValue(MessageTypeMetadataKey, out var name) && name.ToStringUtf8() != descriptor.FullName)
        {
            throw new ArgumentException(
                $"Payload holds a {name.ToStringUtf8()} and cannot convert to {descriptor.FullName}", nameof(payload));
        }

        return descriptor;
    }
}
