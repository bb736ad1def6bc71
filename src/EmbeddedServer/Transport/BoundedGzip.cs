using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Reads gzip requests up to the size that a request may have: a few bytes must not become all of the memory.</summary>
internal sealed class BoundedGzip : ICompressionProvider
{
    public string EncodingName => "gzip";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new Bounded(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true));

    private sealed class Bounded(GZipStream unzipped) : Stream
    {
        private long total;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read;
            try
            {
                read = unzipped.Read(buffer);
            }
            catch (InvalidDataException broken)
            {
                throw new RpcException(new Status(StatusCode.Internal, "grpc: failed to decompress the received message", broken));
            }

            total += read;
            return total <= MessageMarshallers.MaximumRequestBytes ? read : throw GrpcAnswers.TooLarge().ToRpcException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                unzipped.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
