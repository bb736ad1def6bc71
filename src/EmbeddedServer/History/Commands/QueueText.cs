using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>How the reference's messages show the task queue of a command.</summary>
internal static class QueueText
{
    /// <param name="byDefault">The queue that stands for one without a name.</param>
    public static string Of(TaskQueue? queue, string byDefault)
    {
        var name = queue?.Name is { Length: > 0 } given ? given : byDefault;
        var kind = queue?.Kind == TaskQueueKind.Sticky ? "TASK_QUEUE_KIND_STICKY" : "TASK_QUEUE_KIND_NORMAL";
        return $"name:\"{name}\"  kind:{kind}";
    }
}
