using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A call to another workflow that is not carried out yet. What a signal carries stays in its initiated event.</summary>
internal sealed class ExternalCallState
{
    private readonly StoredExternalCall stored;

    public ExternalCallState() => stored = new StoredExternalCall();

#pragma warning disable CS8618 // The required properties read the message.
    [SetsRequiredMembers]
    private ExternalCallState(StoredExternalCall stored) => this.stored = stored;
#pragma warning restore CS8618

    public required long InitiatedEventId { get => stored.InitiatedEventId; init => stored.InitiatedEventId = value; }

    public required bool IsSignal { get => stored.IsSignal; init => stored.IsSignal = value; }

    public required string NamespaceId { get => stored.NamespaceId; init => stored.NamespaceId = value; }

    public required string NamespaceName { get => stored.NamespaceName; init => stored.NamespaceName = value; }

    public required string WorkflowId { get => stored.WorkflowId; init => stored.WorkflowId = value; }

    /// <summary>Empty for the current run.</summary>
    public required string RunId { get => stored.RunId; init => stored.RunId = value; }

    public required bool ChildOnly { get => stored.ChildOnly; init => stored.ChildOnly = value; }

    /// <summary>The same however often it is tried, so that the target takes it once.</summary>
    public required string RequestId { get => stored.RequestId; init => stored.RequestId = value; }

    public required DateTimeOffset DueAt { get => stored.DueAt.ToInstant(); set => stored.DueAt = value.ToTicks(); }

    /// <summary>Being carried out by this process; not stored.</summary>
    public bool IsInFlight { get; set; }

    public PendingKind Kind => IsSignal ? PendingKind.ExternalSignal : PendingKind.ExternalCancel;

    public byte[] ToBytes() => stored.ToByteArray();

    public static ExternalCallState FromBytes(byte[] bytes) => new(StoredExternalCall.Parser.ParseFrom(bytes));
}
