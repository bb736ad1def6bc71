using System.Buffers.Binary;
using System.Numerics;

namespace Onramp.Sandbox.GitHub.Crypto;

/// <summary>The Salsa20 core, its key stream and HSalsa20, which makes a key of a key and a nonce.</summary>
internal static class Salsa20
{
    private const int Rounds = 20;

    /// <summary>The quarter-rounds of a column round and a row round: which words each mixes.</summary>
    private static readonly int[][] s_quarters =
        [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11], [0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];

    /// <summary>Words of the state that HSalsa20 gives out: the constants' and the nonce's.</summary>
    private static readonly int[] s_derived = [0, 5, 10, 15, 6, 7, 8, 9];

    public static byte[] HSalsa20(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        var state = State(key, nonce);
        Mix(state);
        var result = new byte[32];
        for (var i = 0; i < s_derived.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(i * 4), state[s_derived[i]]);
        }

        return result;
    }

    public static byte[] KeyStream(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, int length)
    {
        var result = new byte[(length + 63) / 64 * 64];
        Span<byte> input = stackalloc byte[16];
        nonce.CopyTo(input);
        for (var block = 0; block * 64 < length; block++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(input[8..], (ulong)block);
            var state = State(key, input);
            var mixed = (uint[])state.Clone();
            Mix(mixed);
            for (var i = 0; i < 16; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan((block * 64) + (i * 4)), mixed[i] + state[i]);
            }
        }

        return result[..length];
    }

    private static uint[] State(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input)
    {
        var state = new uint[16];
        ReadOnlySpan<byte> constants = "expand 32-byte k"u8;
        for (var i = 0; i < 4; i++)
        {
            state[i * 5] = BinaryPrimitives.ReadUInt32LittleEndian(constants[(i * 4)..]);
            state[1 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(i * 4)..]);
            state[6 + i] = BinaryPrimitives.ReadUInt32LittleEndian(input[(i * 4)..]);
            state[11 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(16 + (i * 4))..]);
        }

        return state;
    }

    private static void Mix(uint[] x)
    {
        for (var round = 0; round < Rounds; round += 2)
        {
            foreach (var q in s_quarters)
            {
                x[q[1]] ^= BitOperations.RotateLeft(x[q[0]] + x[q[3]], 7);
                x[q[2]] ^= BitOperations.RotateLeft(x[q[1]] + x[q[0]], 9);
                x[q[3]] ^= BitOperations.RotateLeft(x[q[2]] + x[q[1]], 13);
                x[q[0]] ^= BitOperations.RotateLeft(x[q[3]] + x[q[2]], 18);
            }
        }
    }
}
