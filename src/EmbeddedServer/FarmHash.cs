using System.Buffers.Binary;
using System.Numerics;

namespace Onramp.EmbeddedServer;

/// <summary>FarmHash's <c>Fingerprint32</c>: the same number for the same bytes on every machine and in every version.</summary>
internal static class FarmHash
{
    private const uint C1 = 0xcc9e2d51;
    private const uint C2 = 0x1b873593;
    private const int Stride = 20;

    public static uint Fingerprint32(ReadOnlySpan<byte> text) => text.Length switch
    {
        <= 4 => UpTo4(text),
        <= 12 => UpTo12(text),
        <= 24 => UpTo24(text),
        _ => Longer(text),
    };

    private static uint UpTo4(ReadOnlySpan<byte> text)
    {
        uint b = 0, c = 9;
        foreach (var character in text)
        {
            b = unchecked((b * C1) + (uint)(sbyte)character);
            c ^= b;
        }

        return Finish(Mix(b, Mix((uint)text.Length, c)));
    }

    private static uint UpTo12(ReadOnlySpan<byte> text)
    {
        unchecked
        {
            var length = (uint)text.Length;
            var a = length + Word(text, 0);
            var b = (length * 5) + Word(text, text.Length - 4);
            var c = 9 + Word(text, (text.Length >> 1) & 4);
            return Finish(Mix(c, Mix(b, Mix(a, length * 5))));
        }
    }

    private static uint UpTo24(ReadOnlySpan<byte> text)
    {
        unchecked
        {
            var middle = text.Length >> 1;
            var a = Word(text, middle - 4);
            var b = Word(text, 4);
            var c = Word(text, text.Length - 8);
            var d = Word(text, middle);
            var e = Word(text, 0);
            var f = Word(text, text.Length - 4);
            var hash = (d * C1) + (uint)text.Length;
            a = BitOperations.RotateRight(a, 12) + f;
            hash = Mix(c, hash) + a;
            a = BitOperations.RotateRight(a, 3) + c;
            hash = Mix(e, hash) + a;
            a = BitOperations.RotateRight(a + f, 12) + d;
            return Finish(Mix(b, hash) + a);
        }
    }

    private static uint Longer(ReadOnlySpan<byte> text)
    {
        unchecked
        {
            var length = (uint)text.Length;
            uint h = length, g = C1 * length, f = g;
            h = Step(Step(h, Scatter(text, 4)), Scatter(text, 16));
            g = Step(Step(g, Scatter(text, 8)), Scatter(text, 12));
            f = BitOperations.RotateRight(f + Scatter(text, 20), 19) + 113;
            for (var rounds = (text.Length - 1) / Stride; rounds > 0; rounds--)
            {
                var (a, b, c, d, e) = (Word(text, 0), Word(text, 4), Word(text, 8), Word(text, 12), Word(text, 16));
                h = Mix(d, h + a) + e;
                g = Mix(c, g + b) + a;
                f = Mix(b + (e * C1), f + c) + d;
                f += g;
                g += f;
                text = text[Stride..];
            }

            g = BitOperations.RotateRight(BitOperations.RotateRight(g, 11) * C1, 17) * C1;
            f = BitOperations.RotateRight(BitOperations.RotateRight(f, 11) * C1, 17) * C1;
            h = BitOperations.RotateRight(Stir(h + g), 17) * C1;
            return BitOperations.RotateRight(Stir(h + f), 17) * C1;
        }
    }

    private static uint Word(ReadOnlySpan<byte> text, int at) => BinaryPrimitives.ReadUInt32LittleEndian(text[at..]);

    /// <summary>The word so far from the end.</summary>
    private static uint Scatter(ReadOnlySpan<byte> text, int fromEnd) => unchecked(BitOperations.RotateRight(Word(text, text.Length - fromEnd) * C1, 17) * C2);

    private static uint Step(uint hash, uint scattered) => Stir(hash ^ scattered);

    private static uint Stir(uint hash) => unchecked((BitOperations.RotateRight(hash, 19) * 5) + 0xe6546b64);

    private static uint Mix(uint value, uint hash) => unchecked(Step(hash, BitOperations.RotateRight(value * C1, 17) * C2));

    private static uint Finish(uint hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
            hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
            return hash ^ (hash >> 16);
        }
    }
}
