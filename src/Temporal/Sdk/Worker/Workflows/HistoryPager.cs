using Google.Protobuf;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Workflows;

/// <summary>Gets what a workflow task does not bring with it: further pages of its history, or all of it.</summary>
internal sealed class HistoryPager(WorkerContext context)
{
    /// <summary>Completes what a task brings by the pages that follow.</summary>
    /// <exception cref="RpcException">A page can't be had.</exception>
    public async Task<IReadOnlyList<HistoryEvent>> RestAsync(PollWorkflowTaskQueueResponse task) => task.NextPageToken.IsEmpty
        ? task.History.Events
        : await PagesAsync(task.WorkflowExecution, task.NextPageToken, [.. task.History.Events]).ConfigureAwait(false);

    /// <summary>Gets a run's history from its beginning up to what a task brings.</summary>
    /// <exception cref="RpcException">A page can't be had.</exception>
    public async Task<IReadOnlyList<HistoryEvent>> FromStartAsync(PollWorkflowTaskQueueResponse task)
    {
        var brought = await RestAsync(task).ConfigureAwait(false);
        var events = await PagesAsync(task.WorkflowExecution, ByteString.Empty, []).ConfigureAwait(false);
        if (task.StartedEventId != 0)
        {
            events.RemoveAll(e => e.EventId > task.StartedEventId);
        }

        // The events of a task that is being retried are not in history yet.
        var last = events.Count == 0 ? 0 : events[^1].EventId;
        events.AddRange(brought.Where(e => e.EventId > last));
        return events;
    }

    private async Task<List<HistoryEvent>> PagesAsync(Api.Common.V1.WorkflowExecution execution, ByteString pageToken, List<HistoryEvent> events)
    {
        do
        {
            var page = await context.Service.GetWorkflowExecutionHistoryAsync(
                new GetWorkflowExecutionHistoryRequest { Namespace = context.Namespace, Execution = execution, NextPageToken = pageToken },
                new RpcOptions { Retry = true }).ConfigureAwait(false);
            events.AddRange(page.History?.Events ?? []);
            pageToken = page.NextPageToken;
        }
        while (!pageToken.IsEmpty);
        return events;
    }
}
