using Onramp.EmbeddedServer.Access;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>What a handler may know of the call it answers.</summary>
internal sealed class CallContext(Func<string, string?> header, DateTimeOffset? deadline, CancellationToken cancellationToken)
{
    private List<Action>? undelivered;

    /// <summary>Real time by which the caller wants its answer; null for none.</summary>
    public DateTimeOffset? Deadline { get; } = deadline;

    /// <summary>Fires when the caller has gone or the deadline has passed.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>What the caller may do; everything where nobody has to say who they are.</summary>
    public Grants Grants { get; init; } = Grants.All;

    /// <summary>A request header, or null when the caller sent none of that name.</summary>
    public string? Header(string name) => header(name);

    /// <summary>Registers what to do when the answer could not be handed to the caller, e.g. put a polled task back.</summary>
    public void OnUndelivered(Action action) => (undelivered ??= []).Add(action);

    /// <summary>Called by transports when an answer could not be written; what was registered runs once.</summary>
    public void ReportUndelivered()
    {
        foreach (var action in Interlocked.Exchange(ref undelivered, null) ?? [])
        {
            action();
        }
    }
}
