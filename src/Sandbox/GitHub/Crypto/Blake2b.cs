using System.Buffers.Binary;
using System.Numerics;

namespace Onramp.Sandbox.GitHub.Crypto;

/// <summary>BLAKE2b without key (RFC 7693), for the nonce of a sealed box.</summary>
internal static class Blake2b
{
    private const int BlockBytes = 128;

    private static readonly ulong[] s_initial =
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    private static readonly byte[][] s_schedule =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ];

    private static readonly int[][] s_lanes =
        [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

    public static byte[] Hash(ReadOnlySpan<byte> message, int length)
    {
        var state = (ulong[])s_initial.Clone();
        state[0] ^= 0x01010000UL ^ (ulong)length;
        Span<byte> block = stackalloc byte[BlockBytes];
        var offset = 0;
        do
        {
            var rest = message[offset..];
            var last = rest.Length <= BlockBytes;
            block.Clear();
            rest[..Math.Min(rest.Length, BlockBytes)].CopyTo(block);
            offset += Math.Min(rest.Length, BlockBytes);
            Compress(state, block, (ulong)offset, last);
        }
        while (offset < message.Length);

        var result = new byte[64];
        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(result.AsSpan(i * 8), state[i]);
        }

        return result[..length];
    }

    private static void Compress(ulong[] state, ReadOnlySpan<byte> block, ulong counter, bool last)
    {
        var words = new ulong[16];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * 8)..]);
        }

        ulong[] v = [.. state, .. s_initial];
        v[12] ^= counter;
        v[14] = last ? ~v[14] : v[14];
        for (var round = 0; round < 12; round++)
        {
            var order = s_schedule[round % 10];
            for (var lane = 0; lane < s_lanes.Length; lane++)
            {
                var (a, b, c, d) = (s_lanes[lane][0], s_lanes[lane][1], s_lanes[lane][2], s_lanes[lane][3]);
                v[a] += v[b] + words[order[lane * 2]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 32);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 24);
                v[a] += v[b] + words[order[(lane * 2) + 1]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 63);
            }
        }

        for (var i = 0; i < state.Length; i++)
        {
            state[i] ^= v[i] ^ v[i + 8];
        }
    }
}
