using System.Buffers.Binary;
using System.Numerics;

namespace Temporalio.Common;

/// <summary>
/// Random numbers that depend on nothing but the seed: the generator PCG-64 (multiplicative congruential, XSL-RR output),
/// seeded and sampled the way the Rust core of the official SDK does it, so that both draw the same numbers for a run.
/// </summary>
public class DeterministicRandom : Random
{
    private const ulong SeedMultiplier = 6364136223846793005;
    private const ulong SeedIncrement = 11634580027462260723;
    private static readonly UInt128 Multiplier = new(0x2360ED051FC65DA4, 0x4385DF649FCCF645);

    private UInt128 state;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Seed.</param>
    public DeterministicRandom(ulong seed)
    {
        Span<byte> bytes = stackalloc byte[16];
        for (var offset = 0; offset < bytes.Length; offset += sizeof(uint))
        {
            seed = unchecked((seed * SeedMultiplier) + SeedIncrement);
            var shifted = (uint)(((seed >> 18) ^ seed) >> 27);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], BitOperations.RotateRight(shifted, (int)(seed >> 59)));
        }

        // A multiplicative generator needs an odd state.
        state = BinaryPrimitives.ReadUInt128LittleEndian(bytes) | UInt128.One;
    }

    /// <inheritdoc/>
    public override int Next() => Next(0, int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue) => Next(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        if (minValue == maxValue)
        {
            return minValue;
        }

        // Multiply into the range and reject the part that would make some numbers likelier than others.
        var range = unchecked((uint)((long)maxValue - minValue));
        var zone = unchecked((range << BitOperations.LeadingZeroCount(range)) - 1);
        while (true)
        {
            var product = (ulong)(uint)NextUInt64() * range;
            if ((uint)product <= zone)
            {
                return (int)(minValue + (long)(product >> 32));
            }
        }
    }

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Span<byte> chunk = stackalloc byte[sizeof(ulong)];
        for (var rest = buffer.AsSpan(); rest.Length > 0; rest = rest[Math.Min(chunk.Length, rest.Length)..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(chunk, NextUInt64());
            chunk[..Math.Min(chunk.Length, rest.Length)].CopyTo(rest);
        }
    }

    /// <inheritdoc/>
    public override double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    private ulong NextUInt64()
    {
        state = unchecked(state * Multiplier);
        return BitOperations.RotateRight((ulong)(state >> 64) ^ (ulong)state, (int)(uint)(state >> 122));
    }
}
