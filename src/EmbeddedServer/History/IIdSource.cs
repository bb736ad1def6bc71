using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Onramp.EmbeddedServer.History;

/// <summary>Where the ids and the jitter that the engine makes up come from; seeded in tests and simulations.</summary>
public interface IIdSource
{
    /// <summary>A UUID (version 4) as text: a request id, the id of a query.</summary>
    string NewId();

    /// <summary>A UUID (version 7, as Temporal's server gives them) as text. It begins with the time in milliseconds.</summary>
    string NewRunId();

    /// <summary>At least 0, below 1.</summary>
    double NextDouble();
}

/// <summary>Ids from a seed; without one, from the system's randomness.</summary>
/// <param name="time">What run ids begin with.</param>
public sealed class RandomIdSource(TimeProvider time, int? seed = null) : IIdSource
{
    private const int IdBytes = 16;

    private readonly Lock gate = new();
    private readonly Random? seeded = seed is { } value ? new Random(value) : null;

    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        Fill(bytes);
        return Write(bytes, version: 4);
    }

    public string NewRunId()
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        Fill(bytes);

        // Six bytes of time; the two that are written after them are random ones again.
        var random = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], random);
        return Write(bytes, version: 7);
    }

    public double NextDouble()
    {
        if (seeded is null)
        {
            return RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
        }

        lock (gate)
        {
            return seeded.NextDouble();
        }
    }

    private static string Write(Span<byte> bytes, int version)
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | (version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private void Fill(Span<byte> bytes)
    {
        if (seeded is null)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        lock (gate)
        {
            seeded.NextBytes(bytes);
        }
    }
}
