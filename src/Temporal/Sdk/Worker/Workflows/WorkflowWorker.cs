using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;
using Temporalio.Worker.Activities;
using Temporalio.Worker.Polling;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker.Workflows;

/// <summary>Takes workflow tasks from the queues and handles them, until stopped and done with what it has taken.</summary>
internal sealed class WorkflowWorker : IDisposable
{
    private readonly SlotPool slots;
    private readonly WorkflowCache cache;
    private readonly WorkflowTaskReporter reporter;
    private readonly WorkflowTaskHandler handler;
    private readonly WorkflowTaskPoller poller;
    private readonly ConcurrentDictionary<Task, bool> running = new();
    private readonly CancellationTokenSource stopPolling = new();

    public WorkflowWorker(
        WorkerContext context, WorkflowRuntime runtime, SlotPool slots, ActivityWorker? activities, ILoggerFactory loggerFactory)
    {
        var logger = loggerFactory.CreateLogger("Temporalio.Worker.Workflow");
        this.slots = slots;
        cache = new(context.Options.MaxCachedWorkflows);
        reporter = new(context, runtime, new EagerActivities(context, activities), logger);
        handler = new(runtime, cache, new HistoryPager(context), reporter, logger);
        poller = new(context, logger, slots, Start);
    }

    /// <summary>Gets how many runs are held in memory.</summary>
    public int CachedRuns => cache.Count;

    /// <summary>Polls until told to stop, then waits for the tasks that were taken.</summary>
    /// <exception cref="RpcException">The server keeps refusing polls for good.</exception>
    public async Task ExecuteAsync()
    {
        try
        {
            await poller.RunAsync(stopPolling.Token).ConfigureAwait(false);
        }
        finally
        {
            reporter.Stop();
            while (!running.IsEmpty)
            {
                await Task.WhenAll(running.Keys).ConfigureAwait(false);
            }

            cache.Clear();
        }
    }

    /// <summary>Ends polling, those under way included.</summary>
    public void StopPolling() => stopPolling.Cancel();

    public void Dispose() => stopPolling.Dispose();

    private void Start(PollWorkflowTaskQueueResponse task, SlotPermit permit, bool isSticky)
    {
        var info = new SlotInfo.WorkflowSlotInfo(task.WorkflowType?.Name ?? string.Empty, isSticky);
        slots.MarkUsed(permit, info);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task handling = null!;
        handling = HandleAsync();
        running.TryAdd(handling, true);
        begin.SetResult();

        async Task HandleAsync()
        {
            await begin.Task.ConfigureAwait(false);
            try
            {
                await handler.HandleAsync(task).ConfigureAwait(false);
            }
            finally
            {
                slots.Release(permit, info);
                running.TryRemove(handling, out _);
            }
        }
    }
}
