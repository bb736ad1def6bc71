using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A call to another workflow that is not carried out yet. What a signal carries stays in its initiated event.</summary>
internal sealed class ExternalCallState
{
    public required long InitiatedEventId { get; init; }

    public required bool IsSignal { get; init; }

    public required string NamespaceId { get; init; }

    public required string NamespaceName { get; init; }

    public required string WorkflowId { get; init; }

    /// <summary>Empty for the current run.</summary>
    public required string RunId { get; init; }

    public required bool ChildOnly { get; init; }

    /// <summary>The same however often it is tried, so that the target takes it once.</summary>
    public required string RequestId { get; init; }

    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Being carried out by this process; not stored.</summary>
    public bool IsInFlight { get; set; }

    public PendingKind Kind => IsSignal ? PendingKind.ExternalSignal : PendingKind.ExternalCancel;

    public byte[] ToBlob()
    {
        var to = new BlobWriter();
        to.Long(InitiatedEventId);
        to.Bool(IsSignal);
        to.Text(NamespaceId);
        to.Text(NamespaceName);
        to.Text(WorkflowId);
        to.Text(RunId);
        to.Bool(ChildOnly);
        to.Text(RequestId);
        to.Time(DueAt);
        return to.ToArray();
    }

    public static ExternalCallState FromBlob(byte[] blob)
    {
        var from = new BlobReader(blob);
        return new ExternalCallState
        {
            InitiatedEventId = from.Long(),
            IsSignal = from.Bool(),
            NamespaceId = from.Text(),
            NamespaceName = from.Text(),
            WorkflowId = from.Text(),
            RunId = from.Text(),
            ChildOnly = from.Bool(),
            RequestId = from.Text(),
            DueAt = from.Time(),
        };
    }
}
