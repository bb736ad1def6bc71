using Google.Protobuf;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>An update that the workflow has accepted. What was asked and what came of it stand in its two events.</summary>
internal sealed class UpdateState
{
    private readonly StoredUpdate stored;

    public UpdateState(string updateId, long acceptedEventId, long completedEventId = 0, long admittedEventId = 0)
        : this(new StoredUpdate
        {
            UpdateId = updateId, AcceptedEventId = acceptedEventId, CompletedEventId = completedEventId, AdmittedEventId = admittedEventId,
        })
    {
    }

    private UpdateState(StoredUpdate stored) => this.stored = stored;

    public string UpdateId => stored.UpdateId;

    /// <summary>0 unless the request stands in an event of its own, which is how workers learn of it.</summary>
    public long AdmittedEventId => stored.AdmittedEventId;

    /// <summary>0 until it is accepted.</summary>
    public long AcceptedEventId => stored.AcceptedEventId;

    public bool IsAccepted => AcceptedEventId != 0;

    /// <summary>0 until it is completed.</summary>
    public long CompletedEventId => stored.CompletedEventId;

    public bool IsCompleted => CompletedEventId != 0;

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static UpdateState FromBytes(byte[] bytes) => new(StoredUpdate.Parser.ParseFrom(bytes));
}
