using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Encoding of protobuf messages in JSON.</summary>
public class JsonProtoConverter : IEncodingConverter
{
    private static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("json/protobuf");

    /// <summary>The usual formatter; unknown fields are ignored when parsing.</summary>
    public JsonProtoConverter()
        : this(JsonFormatter.Default, new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true)))
    {
    }

    /// <summary>Other formatter and parser.</summary>
    /// <param name="formatter">Formatter.</param>
    /// <param name="parser">Parser.</param>
    public JsonProtoConverter(JsonFormatter formatter, JsonParser parser)
    {
        Formatter = formatter;
        Parser = parser;
    }

    /// <inheritdoc/>
    public string Encoding => "json/protobuf";

    /// <summary>Formatter in use.</summary>
    protected JsonFormatter Formatter { get; private init; }

    /// <summary>Parser in use.</summary>
    protected JsonParser Parser { get; private init; }

    /// <inheritdoc/>
    public bool TryToPayload(object? value, [NotNullWhen(true)] out Payload? payload)
    {
        payload = value is IMessage message
            ? EncodedPayloads.Create(EncodingBytes, ByteString.CopyFromUtf8(Formatter.Format(message)), message.Descriptor.FullName)
            : null;
        return payload is not null;
    }

    /// <inheritdoc/>
    public object? ToValue(Payload payload, Type type) => Parser.Parse(payload.Data.ToStringUtf8(), EncodedPayloads.Descriptor(payload, type));
}
