using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>What a child's future workflow id is told of it.</summary>
internal static class ChildMessages
{
    public static OutgoingMessage Start(ExecutionState parent, HistoryEvent initiated)
    {
        var attributes = initiated.StartChildWorkflowExecutionInitiatedEventAttributes;
        var root = parent.Info.Root;
        return OutgoingMessage.From(parent, new WorkflowKey(attributes.NamespaceId, attributes.WorkflowId), new StoredMessage
        {
            StartChild = new StartChild
            {
                Initiated = initiated.ToByteString(),
                InitiatedEventId = initiated.EventId,
                RootWorkflowId = root.WorkflowId,
                RootRunId = root.RunId,
                ParentPriority = parent.Priority?.ToByteString() ?? ByteString.Empty,
            },
        });
    }
}
