using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>Reads what <see cref="BlobWriter"/> wrote, in the same order.</summary>
internal ref struct BlobReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> rest = data;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() != 0;

    public long Long()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new InvalidDataException("a number in stored state is too long");
    }

    public int Int() => checked((int)Long());

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public string Text() => Encoding.UTF8.GetString(Take(Int()));

    public string? OptionalText() => Bool() ? Text() : null;

    public TimeSpan Span() => new(Long());

    public DateTimeOffset Time() => new(Long(), TimeSpan.Zero);

    public DateTimeOffset? OptionalTime() => Bool() ? Time() : null;

    public T? Message<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        var size = Int();
        return size < 0 ? null : parser.ParseFrom(Take(size));
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > rest.Length)
        {
            throw new InvalidDataException("stored state ends too soon");
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
