using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>Writes the engine's stored state: little, without reflection, in the order that <see cref="BlobReader"/> reads it.</summary>
internal sealed class BlobWriter
{
    private byte[] buffer = new byte[512];
    private int length;

    public byte[] ToArray() => buffer.AsSpan(0, length).ToArray();

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Long(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        while (rest >= 0x80)
        {
            Byte((byte)(rest | 0x80));
            rest >>= 7;
        }

        Byte((byte)rest);
    }

    public void Int(int value) => Long(value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Int(bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    public void OptionalText(string? value)
    {
        Bool(value is not null);
        if (value is not null)
        {
            Text(value);
        }
    }

    public void Span(TimeSpan value) => Long(value.Ticks);

    public void Time(DateTimeOffset value) => Long(value.UtcTicks);

    public void OptionalTime(DateTimeOffset? value)
    {
        Bool(value is not null);
        if (value is { } time)
        {
            Time(time);
        }
    }

    /// <summary>A message, or that there is none.</summary>
    public void Message(IMessage? message)
    {
        if (message is null)
        {
            Int(-1);
            return;
        }

        var size = message.CalculateSize();
        Int(size);
        message.WriteTo(Reserve(size));
    }

    private Span<byte> Reserve(int count)
    {
        if (buffer.Length - length < count)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + count));
        }

        var span = buffer.AsSpan(length, count);
        length += count;
        return span;
    }
}
