using System.Diagnostics;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Instance;

/// <content>The task scheduler, and the conditions that are checked whenever it has run dry.</content>
internal sealed partial class WorkflowInstance
{
    private readonly Queue<Task> scheduled = new();
    private readonly LinkedList<(Func<bool> Check, TaskCompletionSource Source)> conditions = new();
    private int activeThreadId;
    private volatile bool touchedFromOutside;
    private bool tracingDisabled;

    /// <inheritdoc />
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs something that may use other schedulers, because it has no effect on the workflow.</summary>
    public T WithTracingDisabled<T>(Func<T> function)
    {
        var before = tracingDisabled;
        tracingDisabled = true;
        try
        {
            return function();
        }
        finally
        {
            tracingDisabled = before;
        }
    }

    /// <summary>Told when the code schedules a task somewhere.</summary>
    internal void OnTaskScheduled(int schedulerId)
    {
        if (schedulerId != Id && !tracingDisabled && Environment.CurrentManagedThreadId == Volatile.Read(ref activeThreadId))
        {
            taskFailure ??= new InvalidWorkflowSchedulerException(
                "Task scheduled during workflow run was not scheduled on workflow scheduler", new StackTrace(fNeedFileInfo: true).ToString());
        }
    }

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks() => scheduled;

    /// <inheritdoc />
    protected override void QueueTask(Task task)
    {
        // A continuation from another thread means that the code awaited something of the outside world.
        if (Environment.CurrentManagedThreadId != Volatile.Read(ref activeThreadId))
        {
            touchedFromOutside = true;
            return;
        }

        scheduled.Enqueue(task);
    }

    /// <inheritdoc />
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    private void RunOnScheduler(Action action)
    {
        Volatile.Write(ref activeThreadId, Environment.CurrentManagedThreadId);
        Exception? failure = null;
        var task = new Task(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        task.Start(this);
        TryExecuteTask(scheduled.Dequeue());
        taskFailure ??= failure;
    }

    private void RunUntilBlocked(bool checkConditions)
    {
        try
        {
            do
            {
                while (taskFailure is null && scheduled.TryDequeue(out var task))
                {
                    TryExecuteTask(task);
                }
            }
            while (taskFailure is null && checkConditions && ResolveOneCondition());
        }
        finally
        {
            Volatile.Write(ref activeThreadId, 0);
        }

        if (touchedFromOutside)
        {
            taskFailure ??= new InvalidWorkflowSchedulerException(
                "Workflow code was continued by a thread that is not its own. It must not await timers, I/O or tasks of other schedulers; " +
                "use Workflow.DelayAsync, Workflow.RunTaskAsync and activities");
        }
    }

    /// <summary>Conditions are resolved one at a time, because what one sets going may make another one false again.</summary>
    private bool ResolveOneCondition()
    {
        for (var node = conditions.First; node is not null; node = node.Next)
        {
            try
            {
                if (!IsTrue(node.Value.Check))
                {
                    continue;
                }

                conditions.Remove(node);
                node.Value.Source.TrySetResult();
            }
            catch (Exception e)
            {
                conditions.Remove(node);
                node.Value.Source.TrySetException(e);
            }

            return true;
        }

        return false;
    }

    /// <summary>A condition is workflow code: it sees the workflow's context, and may not change it.</summary>
    private bool IsTrue(Func<bool> check)
    {
        var result = false;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var task = new Task(() =>
        {
            try
            {
                result = check();
            }
            catch (Exception e)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        });
        task.Start(this);
        TryExecuteTask(scheduled.Dequeue());
        failure?.Throw();
        return result;
    }
}
