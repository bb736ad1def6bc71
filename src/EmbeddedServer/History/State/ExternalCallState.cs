using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A signal or a request to cancel that was sent to another workflow and is not answered yet.</summary>
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

    /// <summary>What the worker sent along, to be sent back.</summary>
    public required string Control { get => stored.Control; init => stored.Control = value; }

#pragma warning disable CS0612 // What workers send as control is sent back.
    /// <summary>A call that an event makes.</summary>
    /// <param name="initiated">The event, which names no namespace where its worker named none.</param>
    /// <param name="ownNamespace">The caller's: what is meant then.</param>
    public static ExternalCallState Of(HistoryEvent initiated, string ownNamespace) =>
        initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes is { } signal
            ? Of(initiated, isSignal: true, signal.NamespaceId, Or(signal.Namespace, ownNamespace), signal.WorkflowExecution, signal.Control)
            : initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes is { } cancel
                ? Of(initiated, isSignal: false, cancel.NamespaceId, Or(cancel.Namespace, ownNamespace), cancel.WorkflowExecution, cancel.Control)
                : throw new InvalidDataException($"{initiated.EventType} makes no call to another workflow");
#pragma warning restore CS0612

    public PendingKind Kind => IsSignal ? PendingKind.ExternalSignal : PendingKind.ExternalCancel;

    public WorkflowExecution Execution => new() { WorkflowId = WorkflowId, RunId = RunId };

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static ExternalCallState FromBytes(byte[] bytes) => new(StoredExternalCall.Parser.ParseFrom(bytes));

    private static string Or(string named, string own) => named.Length > 0 ? named : own;

    private static ExternalCallState Of(
        HistoryEvent initiated, bool isSignal, string namespaceId, string namespaceName, WorkflowExecution target, string control) => new()
    {
        InitiatedEventId = initiated.EventId,
        IsSignal = isSignal,
        NamespaceId = namespaceId,
        NamespaceName = namespaceName,
        WorkflowId = target.WorkflowId,
        RunId = target.RunId,
        Control = control,
    };
}
