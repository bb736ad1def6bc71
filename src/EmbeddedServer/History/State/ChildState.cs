using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A child workflow that was asked for and has not ended, as its parent knows it.</summary>
internal sealed class ChildState
{
    private readonly StoredChild stored;

    public ChildState() => stored = new StoredChild();

#pragma warning disable CS8618 // The required properties read the message.
    [SetsRequiredMembers]
    private ChildState(StoredChild stored) => this.stored = stored;
#pragma warning restore CS8618

    public required long InitiatedEventId { get => stored.InitiatedEventId; init => stored.InitiatedEventId = value; }

    /// <summary>0 until the event of its start has an id: it may still be buffered.</summary>
    public long StartedEventId { get => stored.StartedEventId; set => stored.StartedEventId = value; }

    public required string NamespaceId { get => stored.NamespaceId; init => stored.NamespaceId = value; }

    public required string NamespaceName { get => stored.NamespaceName; init => stored.NamespaceName = value; }

    public required string WorkflowId { get => stored.WorkflowId; init => stored.WorkflowId = value; }

    /// <summary>The first run of its chain; empty until it has started.</summary>
    public string RunId { get => stored.RunId; set => stored.RunId = value; }

    public required string Type { get => stored.Type; init => stored.Type = value; }

    public required ParentClosePolicy ParentClosePolicy
    {
        get => (ParentClosePolicy)stored.ParentClosePolicy;
        init => stored.ParentClosePolicy = (int)value;
    }

    /// <summary>A child that an event asks for.</summary>
    public static ChildState Of(HistoryEvent initiated)
    {
        var attributes = initiated.StartChildWorkflowExecutionInitiatedEventAttributes;
        return new ChildState
        {
            InitiatedEventId = initiated.EventId,
            NamespaceId = attributes.NamespaceId,
            NamespaceName = attributes.Namespace,
            WorkflowId = attributes.WorkflowId,
            Type = attributes.WorkflowType.Name,
            ParentClosePolicy = attributes.ParentClosePolicy,
        };
    }

    /// <summary>The run whose request for its start is under way, when that is one from before a reset; else empty.</summary>
    public string RequestedBy { get => stored.RequestedBy; set => stored.RequestedBy = value; }

    /// <summary>Whether what became of a request of a run for its start concerns this child. Needs the run that has it.</summary>
    public bool AwaitsStartBy(string requester, ExecutionKey owner) =>
        Status == ChildStatus.Initiated && requester == (RequestedBy.Length > 0 ? RequestedBy : owner.RunId);

    public ChildStatus Status => RunId.Length == 0 ? ChildStatus.Initiated : ChildStatus.Started;

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static ChildState FromBytes(byte[] bytes) => new(StoredChild.Parser.ParseFrom(bytes));
}
