namespace Onramp.Grpc;

/// <summary>What a server handler may know of the call it answers.</summary>
public sealed class GrpcCallContext
{
    private List<Action>? undelivered;

    public GrpcCallContext(IReadOnlyDictionary<string, string> metadata, DateTimeOffset? deadline, string peer, CancellationToken cancellationToken)
    {
        Metadata = metadata;
        Deadline = deadline;
        Peer = peer;
        CancellationToken = cancellationToken;
    }

    /// <summary>Request headers, names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Real time by which the caller wants its answer; null for none.</summary>
    public DateTimeOffset? Deadline { get; }

    public string Peer { get; }

    /// <summary>Fires when the caller has gone or the deadline has passed.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Registers what to do when the answer could not be handed to the caller, e.g. put a polled task back.</summary>
    public void OnUndelivered(Action action) => (undelivered ??= []).Add(action);

    /// <summary>Called by transports, once, after an answer could not be written.</summary>
    public void ReportUndelivered()
    {
        foreach (var action in undelivered ?? [])
        {
            action();
        }
    }
}
