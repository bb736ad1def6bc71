using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.External;

/// <summary>What a call's target is told of it.</summary>
internal static class CallMessages
{
    /// <param name="requestId">By which a signal is told from its repetition.</param>
    public static OutgoingMessage Of(ExecutionState caller, ExternalCallState call, HistoryEvent initiated, string requestId) => OutgoingMessage.From(
        caller, new WorkflowKey(call.NamespaceId, call.WorkflowId), call.IsSignal
            ? new StoredMessage { Signal = new SignalCall { Initiated = initiated.ToByteString(), RequestId = requestId } }
            : new StoredMessage { Cancel = new CancelCall { Initiated = initiated.ToByteString() } });
}
