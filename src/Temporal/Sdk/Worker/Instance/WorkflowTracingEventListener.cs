using System.Diagnostics.Tracing;

namespace Temporalio.Worker.Instance;

/// <summary>
/// Watches the runtime's own events for tasks that workflow code starts outside of its scheduler, so that the task fails where the
/// mistake is made. Listens while a worker or replayer wants it to.
/// </summary>
internal sealed class WorkflowTracingEventListener : EventListener
{
    private const string SourceName = "System.Threading.Tasks.TplEventSource";
    private const EventKeywords TaskTransferAndTasks = (EventKeywords)0x3;
    private const int TaskScheduledEvent = 7;

    private static readonly Lock Gate = new();
    private static WorkflowTracingEventListener? current;
    private static int wanted;

    private WorkflowTracingEventListener()
    {
    }

    /// <summary>Listens until the result is disposed.</summary>
    public static IDisposable Listen()
    {
        lock (Gate)
        {
            wanted++;
            current ??= new WorkflowTracingEventListener();
        }

        return new Listening();
    }

    /// <inheritdoc />
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SourceName)
        {
            EnableEvents(eventSource, EventLevel.Informational, TaskTransferAndTasks);
        }
    }

    /// <inheritdoc />
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == TaskScheduledEvent
            && TaskScheduler.Current is WorkflowInstance instance
            && eventData.Payload is [int schedulerId, ..])
        {
            instance.OnTaskScheduled(schedulerId);
        }
    }

    private sealed class Listening : IDisposable
    {
        private int disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0)
            {
                return;
            }

            lock (Gate)
            {
                if (--wanted == 0)
                {
                    current!.Dispose();
                    current = null;
                }
            }
        }
    }
}
