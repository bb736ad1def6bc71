using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>
/// Finds text that is not UTF-8 in a message as it stands on the wire. The parser would replace it silently, and two different
/// ids could become one.
/// </summary>
internal static class TextRules
{
    private const int MaximumDepth = 100;

    /// <summary>Whether all text in the message is text.</summary>
    public static bool Keeps(ReadOnlySequence<byte> message, MessageDescriptor type)
    {
        if (message.IsSingleSegment)
        {
            return Keeps(message.FirstSpan, type);
        }

        var length = (int)message.Length;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            message.CopyTo(copy);
            return Keeps(copy.AsSpan(0, length), type);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    // Many small messages are ASCII from end to end, tags and lengths included: one fast look settles those. That they are UTF-8 from end to
    // end would settle nothing: the first byte of a tag can complete a character that its text broke off.
    private static bool Keeps(ReadOnlySpan<byte> message, MessageDescriptor type) =>
        Ascii.IsValid(message) || IsText(message, type, MaximumDepth);

    /// <summary>Whether all text in it is text. What can't be walked is left to the parser, which says why.</summary>
    private static bool IsText(ReadOnlySpan<byte> message, MessageDescriptor type, int depth)
    {
        while (!message.IsEmpty && depth > 0)
        {
            if (!TryReadVarint(ref message, out var tag))
            {
                return true;
            }

            ReadOnlySpan<byte> field = default;
            var walked = (WireFormat.WireType)(tag & 7) switch
            {
                WireFormat.WireType.Varint => TryReadVarint(ref message, out _),
                WireFormat.WireType.Fixed64 => TryTake(ref message, 8, out _),
                WireFormat.WireType.Fixed32 => TryTake(ref message, 4, out _),
                WireFormat.WireType.LengthDelimited => TryReadVarint(ref message, out var length) && TryTake(ref message, length, out field),
                _ => false,
            };
            if (!walked)
            {
                return true;
            }

            if (!field.IsEmpty && !IsText(field, type.FindFieldByNumber((int)(tag >> 3)), depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsText(ReadOnlySpan<byte> field, FieldDescriptor? descriptor, int depth) => descriptor?.FieldType switch
    {
        FieldType.String => Utf8.IsValid(field),
        FieldType.Message => Ascii.IsValid(field) || IsText(field, descriptor.MessageType, depth - 1),
        _ => true,
    };

    private static bool TryTake(scoped ref ReadOnlySpan<byte> from, ulong length, out ReadOnlySpan<byte> taken)
    {
        if (length > (ulong)from.Length)
        {
            taken = default;
            return false;
        }

        taken = from[..(int)length];
        from = from[(int)length..];
        return true;
    }

    private static bool TryReadVarint(scoped ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (var i = 0; i < from.Length && i < 10; i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if ((from[i] & 0x80) == 0)
            {
                from = from[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
