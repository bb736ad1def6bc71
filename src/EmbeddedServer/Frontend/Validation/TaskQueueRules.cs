using System.Globalization;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Names of task queues.</summary>
internal static class TaskQueueRules
{
    /// <summary>Names with this prefix are the server's own.</summary>
    public const string ReservedPrefix = QueueNames.ReservedPrefix;

    /// <summary>Checks a queue that a caller names, and sets its kind.</summary>
    /// <param name="mayBePartition">Whether it may be one of the parts that a cluster's queue is kept in.</param>
    public static void Normalize(TaskQueue? queue, bool mayBePartition = false)
    {
        if (queue is null)
        {
            throw Refusals.InvalidArgument("taskQueue is not set");
        }

        if (queue.Kind == TaskQueueKind.Unspecified)
        {
            queue.Kind = TaskQueueKind.Normal;
        }

        if (queue.Name.Length == 0)
        {
            throw Refusals.InvalidArgument("missing task queue name");
        }

        Check(queue.Name, mayBePartition);
        if (queue.Kind == TaskQueueKind.Sticky && queue.NormalName.Length > 0)
        {
            Check(queue.NormalName, mayBePartition: true);
        }
    }

    /// <summary>The same for a queue that workflows are to run on.</summary>
    public static void NormalizeUsers(TaskQueue? queue)
    {
        Normalize(queue);
        if (QueueNames.FaultOfInternal(queue!.Name) is { } fault)
        {
            throw Refusals.InvalidArgument(fault);
        }
    }

    /// <summary>Neither a sticky queue nor a partition that names itself.</summary>
    public static bool IsRoot(TaskQueue queue) =>
        queue.Kind != TaskQueueKind.Sticky && !queue.Name.StartsWith(ReservedPrefix, StringComparison.Ordinal);

    private static void Check(string name, bool mayBePartition)
    {
        if (Require.IsTooLong(name))
        {
            throw Refusals.InvalidArgument("taskQueue length exceeds limit");
        }

        if (!mayBePartition && name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument($"task queue name cannot start with reserved prefix {ReservedPrefix}");
        }

        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal) && !IsPartition(name[ReservedPrefix.Length..]))
        {
            throw Refusals.InvalidArgument($"invalid task queue partition name {name}");
        }
    }

    /// <summary>A queue's name and, after a slash, the number of the part.</summary>
    private static bool IsPartition(string name) =>
        name.LastIndexOf('/') is > 0 and var slash && int.TryParse(name[(slash + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number > 0;
}
