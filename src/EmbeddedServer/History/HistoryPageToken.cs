using System.Text;
using Google.Protobuf;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>
/// Where reading a history goes on. It names the run, so that pages never mix runs, and may end at an event: a workflow task's
/// pages stop where the task does, however long the history has become meanwhile.
/// </summary>
/// <param name="RunId">The run that the pages belong to.</param>
/// <param name="NextEventId">The next event to read (reading backwards: the last one not read yet).</param>
/// <param name="ThroughEventId">The last event that belongs to the pages; 0 for no end.</param>
/// <param name="TransientEvents">Events to append to the last page that are not in the history: a transient workflow task's.</param>
public sealed record HistoryPageToken(string RunId, long NextEventId, long ThroughEventId, IReadOnlyList<HistoryEvent> TransientEvents)
{
    private const byte Version = 1;

    public HistoryPageToken(string runId, long nextEventId, long throughEventId = 0)
        : this(runId, nextEventId, throughEventId, [])
    {
    }

    public ByteString ToByteString()
    {
        using var bytes = new MemoryStream(64);
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(RunId);
            writer.Write7BitEncodedInt64(NextEventId);
            writer.Write7BitEncodedInt64(ThroughEventId);
            if (TransientEvents.Count > 0)
            {
                writer.Write(new Temporalio.Api.History.V1.History { Events = { TransientEvents } }.ToByteArray());
            }
        }

        return ByteString.CopyFrom(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The token as it was given out.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT: it was not given out by this server.</exception>
    public static HistoryPageToken Parse(ByteString token)
    {
        try
        {
            using var bytes = new MemoryStream(token.ToByteArray(), writable: false);
            using var reader = new BinaryReader(bytes, Encoding.UTF8);
            if (reader.ReadByte() == Version)
            {
                var runId = reader.ReadString();
                var next = reader.Read7BitEncodedInt64();
                var through = reader.Read7BitEncodedInt64();
                var rest = reader.ReadBytes((int)(bytes.Length - bytes.Position));
                if (Guid.TryParseExact(runId, "D", out _) && next >= 0 && through >= 0)
                {
                    return new HistoryPageToken(runId, next, through, [.. Temporalio.Api.History.V1.History.Parser.ParseFrom(rest).Events]);
                }
            }
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or InvalidProtocolBufferException)
        {
            // Fall through: however it is broken, the answer is the same.
        }

        throw new RefusalException(RefusalKind.InvalidArgument, "Invalid NextPageToken.");
    }
}
