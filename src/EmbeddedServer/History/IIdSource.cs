using System.Security.Cryptography;

namespace Onramp.EmbeddedServer.History;

/// <summary>Where the ids and the jitter that the engine makes up come from; seeded in tests and simulations.</summary>
public interface IIdSource
{
    /// <summary>A UUID (version 4) as text: a run id, a request id, the id of a query.</summary>
    string NewId();

    /// <summary>At least 0, below 1.</summary>
    double NextDouble();
}

/// <summary>Ids from a seed; without one, from the system's randomness.</summary>
public sealed class RandomIdSource : IIdSource
{
    private readonly Lock gate = new();
    private readonly Random? seeded;

    public RandomIdSource(int? seed = null) => seeded = seed is { } value ? new Random(value) : null;

    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (seeded is null)
        {
            RandomNumberGenerator.Fill(bytes);
        }
        else
        {
            lock (gate)
            {
                seeded.NextBytes(bytes);
            }
        }

        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
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
}
