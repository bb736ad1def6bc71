using System.Globalization;
using System.Text;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>A payload in protobuf's text format, as Temporal's server shows one that it can't read: fields are two blanks apart.</summary>
internal static class PayloadText
{
    private const string Gap = "  ";

    public static string Of(Payload payload)
    {
        var fields = payload.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => $"metadata:{{key:{Quote(ByteString.CopyFromUtf8(entry.Key))}{Gap}value:{Quote(entry.Value)}}}");
        return string.Join(Gap, payload.Data.IsEmpty ? fields : fields.Append($"data:{Quote(payload.Data)}"));
    }

    private static string Quote(ByteString bytes)
    {
        var text = new StringBuilder("\"");
        foreach (var value in bytes)
        {
            _ = value switch
            {
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)value),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                < 0x20 or >= 0x7f => text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
                _ => text.Append((char)value),
            };
        }

        return text.Append('"').ToString();
    }
}
