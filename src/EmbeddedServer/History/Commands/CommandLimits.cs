using System.Text;
using Google.Protobuf;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>Sizes of what commands carry. One that is over them would be so again, so it ends the run.</summary>
internal sealed class CommandLimits(HistoryEngineOptions options)
{
    public int MaximumIdBytes => options.MaximumIdBytes;

    public bool IsTooLong(string id) => Encoding.UTF8.GetByteCount(id) > options.MaximumIdBytes;

    public void RequireBlob(IMessage? blob, WorkflowTaskFailedCause cause, string what) =>
        RequireSize(blob?.CalculateSize() ?? 0, options.MaximumBlobBytes, cause, what);

    public void RequireSize(long bytes, long maximum, WorkflowTaskFailedCause cause, string what)
    {
        if (bytes > maximum)
        {
            throw new CommandFailedException(cause, $"{what} exceeds size limit.", terminates: true);
        }
    }

    /// <summary>Values that are too long, or too many of them.</summary>
    public static void RequireSearchAttributes(SearchAttributes? attributes, WorkflowTaskFailedCause cause)
    {
        try
        {
            SearchAttributeRules.CheckSize(attributes);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(cause, refused.Message, terminates: true);
        }
    }

    /// <summary>What is wrong with the queue that a command names, or null.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="workflows">The workflow's own.</param>
    /// <param name="byDefault">The queue that stands for one without a name; none when there is nothing to stand for it.</param>
    public string? FaultOfQueue(TaskQueue? queue, string workflows, string byDefault = "")
    {
        var name = queue?.Name is { Length: > 0 } given ? given : byDefault;
        if (name.Length == 0)
        {
            return queue is null ? "taskQueue is not set" : "missing task queue name";
        }

        if (IsTooLong(name))
        {
            return "taskQueue length exceeds limit";
        }

        return name.StartsWith(QueueNames.ReservedPrefix, StringComparison.Ordinal)
            ? $"task queue name cannot start with reserved prefix {QueueNames.ReservedPrefix}"
            : QueueNames.FaultOfInternal(name, workflows);
    }
}
