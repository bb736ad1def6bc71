using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Onramp.EmbeddedServer.Tests.Support;

/// <summary>
/// A connection in HTTP/2's own frames (RFC 9113), for what no client of good manners does. It answers pings, so that nobody takes it for dead.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte WindowUpdate = 8;

    private const byte Acknowledged = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly TcpClient client = new();
    private NetworkStream stream = null!;

    private RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(IPEndPoint server)
    {
        var connection = new RawConnection();
        await connection.client.ConnectAsync(server);
        connection.stream = connection.client.GetStream();
        await connection.stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.WriteAsync(Settings, 0, 0, []);
        return connection;
    }

    /// <summary>Makes a call.</summary>
    /// <param name="id">Of its stream: odd, and greater than those before.</param>
    /// <param name="message">In its frame.</param>
    public async Task CallAsync(int id, string path, byte[] message)
    {
        byte[] headers =
        [
            0x83, // :method POST
            0x86, // :scheme http
            .. Literal(0x04, path), // :path
            .. Literal(0x01, "server"), // :authority
            0x0f, .. Literal(0x10, "application/grpc"), // content-type, number 31 of the static table
            0x00, .. Text("te"), .. Text("trailers"),
        ];
        await WriteAsync(Headers, EndHeaders, id, headers);
        await WriteAsync(Data, EndStream, id, message);
    }

    /// <summary>The next frame of the server that isn't about the connection's upkeep; null when the server has closed it.</summary>
    public async Task<RawFrame?> ReadAsync()
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Type is not (Ping or Settings or WindowUpdate))
            {
                return frame;
            }

            if (frame.Type != WindowUpdate && (frame.Flags & Acknowledged) == 0)
            {
                await WriteAsync(frame.Type, Acknowledged, 0, frame.Type == Ping ? frame.Payload : []);
            }
        }

        return null;
    }

    public void Dispose() => client.Dispose();

    private async Task<RawFrame?> NextAsync()
    {
        try
        {
            var head = new byte[9];
            await stream.ReadExactlyAsync(head);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload);
            return new RawFrame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task WriteAsync(byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    private static byte[] Literal(byte name, string value) => [name, .. Text(value)];

    private static byte[] Text(string value) => [(byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}

/// <summary>A frame as it came.</summary>
internal sealed record RawFrame(byte Type, byte Flags, int Id, byte[] Payload)
{
    /// <summary>RST_STREAM with REFUSED_STREAM: the call was not begun.</summary>
    public bool IsRefusal => Type == 3 && BinaryPrimitives.ReadUInt32BigEndian(Payload) == 7;
}
