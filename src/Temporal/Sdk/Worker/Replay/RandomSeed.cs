using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Temporalio.Worker.Replay;

/// <summary>
/// The seed of a run's random numbers: SipHash-1-3 with a zero key over the run id and one byte 0xFF, which is how the official core
/// derives it, so that both draw the same numbers.
/// </summary>
internal static class RandomSeed
{
    private const int BlockSize = 8;

    /// <summary>Derives the seed.</summary>
    /// <param name="runId">Original run id, or the new one of a reset.</param>
    public static ulong Of(string runId)
    {
        var text = Encoding.UTF8.GetByteCount(runId);
        Span<byte> bytes = new byte[text + 1];
        Encoding.UTF8.GetBytes(runId, bytes);
        bytes[text] = 0xFF;
        return SipHash13(bytes);
    }

    private static ulong SipHash13(ReadOnlySpan<byte> data)
    {
        var (v0, v1, v2, v3) = (0x736F6D6570736575UL, 0x646F72616E646F6DUL, 0x6C7967656E657261UL, 0x7465646279746573UL);
        var rest = data;
        for (; rest.Length >= BlockSize; rest = rest[BlockSize..])
        {
            var block = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            v3 ^= block;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
        }

        Span<byte> last = stackalloc byte[BlockSize];
        rest.CopyTo(last);
        last[BlockSize - 1] = (byte)data.Length;
        var final = BinaryPrimitives.ReadUInt64LittleEndian(last);
        v3 ^= final;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= final;
        v2 ^= 0xFF;
        for (var i = 0; i < 3; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        unchecked
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
