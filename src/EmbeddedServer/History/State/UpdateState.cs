namespace Onramp.EmbeddedServer.History.State;

/// <summary>An update that the workflow has accepted. What was asked and what came of it stand in its two events.</summary>
internal sealed class UpdateState(string updateId, long acceptedEventId)
{
    public string UpdateId { get; } = updateId;

    public long AcceptedEventId { get; } = acceptedEventId;

    /// <summary>0 until it is completed.</summary>
    public long CompletedEventId { get; set; }

    public bool IsCompleted => CompletedEventId != 0;
}
