using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Names of task queues.</summary>
internal static class TaskQueueRules
{
    /// <summary>Names with this prefix are the server's own.</summary>
    public const string ReservedPrefix = "/_sys/";

    /// <summary>Checks a queue that a caller names, and sets its kind.</summary>
    public static void Normalize(TaskQueue? queue)
    {
        if (queue is null)
        {
            throw Refusals.InvalidArgument("taskQueue is not set");
        }

        Check(queue.Name);
        if (queue.Kind == TaskQueueKind.Unspecified)
        {
            queue.Kind = TaskQueueKind.Normal;
        }

        if (queue.Kind == TaskQueueKind.Sticky)
        {
            Check(queue.NormalName);
        }
    }

    private static void Check(string name)
    {
        if (name.Length == 0)
        {
            throw Refusals.InvalidArgument("missing task queue name");
        }

        if (Require.IsTooLong(name))
        {
            throw Refusals.InvalidArgument("taskQueue length exceeds limit");
        }

        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument($"task queue name cannot start with reserved prefix {ReservedPrefix}");
        }
    }
}
