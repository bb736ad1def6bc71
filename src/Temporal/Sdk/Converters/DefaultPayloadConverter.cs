using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Asks its encodings in order: null, bytes, protobuf as JSON, protobuf as binary, JSON.</summary>
public class DefaultPayloadConverter : IPayloadConverter, IWithSerializationContext<IPayloadConverter>
{
    internal const string EncodingMetadataKey = "encoding";

    /// <summary>The usual encodings.</summary>
    public DefaultPayloadConverter()
        : this(new JsonSerializerOptions())
    {
    }

    /// <summary>The usual encodings with other JSON options.</summary>
    /// <param name="jsonSerializerOptions">Options for plain JSON.</param>
    public DefaultPayloadConverter(JsonSerializerOptions jsonSerializerOptions)
        : this(
            new BinaryNullConverter(),
            new BinaryPlainConverter(),
            new JsonProtoConverter(),
            new BinaryProtoConverter(),
            new JsonPlainConverter(jsonSerializerOptions))
    {
    }

    /// <summary>Other encodings.</summary>
    /// <param name="encodingConverters">Encodings in the order they are asked.</param>
    public DefaultPayloadConverter(params IEncodingConverter[] encodingConverters)
    {
        EncodingConverters = encodingConverters;
        IndexedEncodingConverters = encodingConverters.ToDictionary(c => ByteString.CopyFromUtf8(c.Encoding));
    }

    /// <summary>Encodings in the order they are asked.</summary>
    public IReadOnlyCollection<IEncodingConverter> EncodingConverters { get; private init; }

    /// <summary>Encodings by name.</summary>
    public IReadOnlyDictionary<ByteString, IEncodingConverter> IndexedEncodingConverters { get; private init; }

    /// <inheritdoc/>
    public Payload ToPayload(object? value)
    {
        if (value is IRawValue raw)
        {
            return raw.Payload;
        }

        value = TransferTypes.ToTransfer(value);
        foreach (var converter in EncodingConverters)
        {
            if (converter.TryToPayload(value, out var payload))
            {
                return payload;
            }
        }

        throw new ArgumentException($"Value of type {value?.GetType().ToString() ?? "null"} has no known converter", nameof(value));
    }

    /// <inheritdoc/>
    public object? ToValue(Payload payload, Type type)
    {
        if (type == typeof(RawValue) || type == typeof(IRawValue))
        {
            return new RawValue(payload);
        }

        if (!payload.Metadata.TryGetValue(EncodingMetadataKey, out var encoding))
        {
            throw new ArgumentException("Payload has no encoding in its metadata", nameof(payload));
        }

        if (!IndexedEncodingConverters.TryGetValue(encoding, out var converter))
        {
            throw new ArgumentException($"Payload has unknown encoding {encoding.ToStringUtf8()}", nameof(payload));
        }

        return TransferTypes.For(type) is { } transfer
            ? transfer.FromTransferType(converter.ToValue(payload, transfer.TransferType))
            : converter.ToValue(payload, type);
    }

    /// <inheritdoc/>
    public IPayloadConverter WithSerializationContext(ISerializationContext context)
    {
        var converters = EncodingConverters
            .Select(c => c is IWithSerializationContext<IEncodingConverter> with ? with.WithSerializationContext(context) : c)
            .ToArray();
        return converters.SequenceEqual(EncodingConverters) ? this : new DefaultPayloadConverter(converters);
    }
}
