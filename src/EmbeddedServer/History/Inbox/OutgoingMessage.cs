using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>Work for another workflow id, on its way into that one's inbox.</summary>
internal sealed record OutgoingMessage(WorkflowKey To, StoredMessage Message)
{
    public InboxMessage ToRow() => new(To, Message.ToByteArray());

    /// <summary>A message of a run.</summary>
    public static OutgoingMessage From(ExecutionState sender, WorkflowKey to, StoredMessage message)
    {
        message.From = new StoredSender
        {
            NamespaceId = sender.Key.NamespaceId,
            NamespaceName = sender.Info.NamespaceName,
            WorkflowId = sender.Key.WorkflowId,
            RunId = sender.Key.RunId,
        };
        return new OutgoingMessage(to, message);
    }

    /// <summary>An answer to the run that sent a message.</summary>
    public static OutgoingMessage Answer(StoredSender to, WorkflowKey from, StoredMessage message)
    {
        message.From = new StoredSender { NamespaceId = from.NamespaceId, WorkflowId = from.WorkflowId };
        return new OutgoingMessage(to.Key(), message);
    }
}

/// <summary>How senders name themselves.</summary>
internal static class Senders
{
    public static WorkflowKey Key(this StoredSender sender) => new(sender.NamespaceId, sender.WorkflowId);

    public static bool Is(this StoredSender sender, ExecutionKey key) =>
        sender.NamespaceId == key.NamespaceId && sender.WorkflowId == key.WorkflowId && sender.RunId == key.RunId;

    /// <summary>Whether it is the run that started this one, or the chain that this one belongs to. A run that was reset since doesn't count as what it was made of.</summary>
    public static bool IsParentOf(this StoredSender sender, ExecutionState state) =>
        state.Info.ParentNamespaceId == sender.NamespaceId && state.Info.Parent is { } parent
        && parent.WorkflowId == sender.WorkflowId && parent.RunId == sender.RunId;
}
