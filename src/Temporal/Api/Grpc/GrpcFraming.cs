using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Onramp.Grpc;

/// <summary>
/// gRPC's length-prefixed messages: one byte that says whether the message is compressed (gzip), four bytes of big-endian length,
/// then the message.
/// </summary>
internal static class GrpcFraming
{
    public const int PrefixLength = 5;

    /// <summary>Writes prefix and message into one buffer.</summary>
    public static void Write(IBufferWriter<byte> output, IMessage message)
    {
        var length = message.CalculateSize();
        var prefix = output.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)length);
        output.Advance(PrefixLength);
        message.WriteTo(output);
    }

    /// <summary>Reads the single message of a unary call and everything up to the end of the stream.</summary>
    /// <returns>False when the stream ended before any byte came.</returns>
    /// <exception cref="GrpcException">Truncated, too large, wrongly compressed, or more than one message.</exception>
    public static async ValueTask<bool> TryReadSingleAsync(
        PipeReader input, IMessage into, string? encoding, MessageRules rules, CancellationToken cancellationToken)
    {
        var length = -1;
        var compressed = false;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (length < 0 && buffer.Length >= PrefixLength)
            {
                (compressed, length) = ReadPrefix(buffer, rules);
            }

            if (result.IsCompleted)
            {
                try
                {
                    return Finish(buffer, length, compressed, into, encoding, rules);
                }
                finally
                {
                    input.AdvanceTo(buffer.End);
                }
            }

            if (length >= 0 && buffer.Length > PrefixLength + (long)length)
            {
                throw new GrpcException(GrpcStatusCode.Unimplemented, "a unary call carries exactly one message");
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool Finish(ReadOnlySequence<byte> buffer, int length, bool compressed, IMessage into, string? encoding, MessageRules rules)
    {
        if (buffer.IsEmpty)
        {
            return false;
        }

        if (length < 0 || buffer.Length != PrefixLength + (long)length)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"the message ends early: {buffer.Length} bytes");
        }

        Merge(buffer.Slice(PrefixLength), compressed, encoding, into, rules);
        return true;
    }

    private static (bool Compressed, int Length) ReadPrefix(ReadOnlySequence<byte> buffer, MessageRules rules)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > rules.MaximumBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"grpc: received message larger than max ({length} vs. {rules.MaximumBytes})");
        }

        return (prefix[0] != 0, (int)length);
    }

    private static void Merge(ReadOnlySequence<byte> body, bool compressed, string? encoding, IMessage into, MessageRules rules)
    {
        if (!compressed)
        {
            CheckText(body, into, rules);
            into.MergeFrom(body);
            return;
        }

        if (!string.Equals(encoding, "gzip", StringComparison.OrdinalIgnoreCase))
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, $"grpc: message encoding '{encoding}' is not supported, only gzip");
        }

        using var zipped = new MemoryStream(body.ToArray());
        using var unzipped = new GZipStream(zipped, CompressionMode.Decompress);
        using var bounded = new MemoryStream();
        CopyBounded(unzipped, bounded, rules);
        bounded.Position = 0;
        CheckText(new ReadOnlySequence<byte>(bounded.GetBuffer(), 0, (int)bounded.Length), into, rules);
        into.MergeFrom(bounded);
    }

    private static void CheckText(ReadOnlySequence<byte> body, IMessage into, MessageRules rules)
    {
        if (rules.MustBeUtf8)
        {
            TextRules.Check(body, into.Descriptor);
        }
    }

    /// <summary>A small compressed message must not grow without bound.</summary>
    private static void CopyBounded(Stream from, MemoryStream to, MessageRules rules)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = from.Read(chunk)) > 0)
            {
                if (to.Length + read > rules.MaximumBytes)
                {
                    throw new GrpcException(
                        GrpcStatusCode.ResourceExhausted,
                        $"grpc: message after decompression larger than max ({to.Length + read} vs. {rules.MaximumBytes})");
                }

                to.Write(chunk, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
