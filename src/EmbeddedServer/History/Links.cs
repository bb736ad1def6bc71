using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>Links to what a request brought about.</summary>
internal static class Links
{
    public static Link ToEvent(string namespaceName, ExecutionKey key, long eventId, EventType type) => new()
    {
        WorkflowEvent = new Link.Types.WorkflowEvent
        {
            Namespace = namespaceName,
            WorkflowId = key.WorkflowId,
            RunId = key.RunId,
            EventRef = new Link.Types.WorkflowEvent.Types.EventReference { EventId = eventId, EventType = type },
        },
    };

    /// <summary>To an event that has no id yet, by the request that made it.</summary>
    public static Link ToRequest(string namespaceName, ExecutionKey key, string requestId, EventType type) => new()
    {
        WorkflowEvent = new Link.Types.WorkflowEvent
        {
            Namespace = namespaceName,
            WorkflowId = key.WorkflowId,
            RunId = key.RunId,
            RequestIdRef = new Link.Types.WorkflowEvent.Types.RequestIdReference { RequestId = requestId, EventType = type },
        },
    };
}
