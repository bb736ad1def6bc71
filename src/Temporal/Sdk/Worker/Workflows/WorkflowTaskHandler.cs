using Microsoft.Extensions.Logging;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker.Workflows;

/// <summary>Takes one workflow task through: find or rebuild the run, let it go on, report.</summary>
internal sealed class WorkflowTaskHandler(
    WorkflowRuntime runtime, WorkflowCache cache, HistoryPager pager, WorkflowTaskReporter reporter, ILogger logger)
{
    /// <summary>Handles a task, and those that come with the answer to it.</summary>
    public async Task HandleAsync(PollWorkflowTaskQueueResponse task)
    {
        for (PollWorkflowTaskQueueResponse? next = task; next is not null;)
        {
            next = await HandleOneAsync(next).ConfigureAwait(false);
        }
    }

    private async Task<PollWorkflowTaskQueueResponse?> HandleOneAsync(PollWorkflowTaskQueueResponse task)
    {
        if (task.WorkflowExecution is null || task.WorkflowType is null || task.History is null || task.WorkflowExecutionTaskQueue is null)
        {
            logger.LogWarning("Server sent a workflow task without execution, type, history or task queue; it is dropped");
            return null;
        }

        using var lease = await cache.RentAsync(task.WorkflowExecution.RunId).ConfigureAwait(false);
        try
        {
            return task.Query is null
                ? await HandleWorkflowTaskAsync(task, lease).ConfigureAwait(false)
                : await HandleQueryTaskAsync(task, lease).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // The run has been deleted, or the task is somebody else's by now.
            lease.Run = null;
            logger.LogDebug(e, "History of workflow {WorkflowId} is gone", task.WorkflowExecution.WorkflowId);
            return null;
        }
        catch (Exception e)
        {
            lease.Run = null;
            logger.LogError(
                e, "Failed to handle workflow task of workflow {WorkflowId}, run {RunId}", task.WorkflowExecution.WorkflowId, task.WorkflowExecution.RunId);
            return null;
        }
    }

    private async Task<PollWorkflowTaskQueueResponse?> HandleWorkflowTaskAsync(PollWorkflowTaskQueueResponse task, WorkflowCache.Lease lease)
    {
        Exception? failure;
        try
        {
            var events = await PrepareAsync(task, lease).ConfigureAwait(false);
            failure = await lease.Run!.AdvanceAsync(events, task.StartedEventId).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code != RpcException.StatusCode.NotFound)
        {
            failure = e;
        }

        if (failure is not null)
        {
            lease.Run = null;
            await reporter.FailAsync(task, failure).ConfigureAwait(false);
            return null;
        }

        var run = lease.Run!;
        var answers = await AnswerAsync(run, [.. task.Queries.Select(query => JobOf(query.Key, query.Value))]).ConfigureAwait(false);
        var (accepted, next) = await reporter.CompleteAsync(task, run, answers).ConfigureAwait(false);
        if (!accepted || run.Machines.Ended || !reporter.IsSticky)
        {
            lease.Run = null;
        }

        return next;
    }

    private async Task<PollWorkflowTaskQueueResponse?> HandleQueryTaskAsync(PollWorkflowTaskQueueResponse task, WorkflowCache.Lease lease)
    {
        var query = JobOf("legacy", task.Query);
        var held = lease.Run is { } cached && cached.Machines.LastStartedEventId >= task.PreviousStartedEventId ? cached : null;
        var run = held ?? NewRun(task);
        Exception? failure = null;
        if (held is null)
        {
            try
            {
                // The run is not kept: history may have events by now that belong to a task that is yet to come.
                failure = await run.AdvanceAsync(await FullHistoryAsync(task).ConfigureAwait(false), startedEventId: 0).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                failure = e;
            }
        }

        var answer = failure is null
            ? (await AnswerAsync(run, [query]).ConfigureAwait(false))[0]
            : new QueryAnswer(query.QueryId, null, failure);
        await reporter.AnswerAsync(task, answer).ConfigureAwait(false);
        return null;
    }

    private static QueryJob JobOf(string id, Api.Query.V1.WorkflowQuery query) => new(id, query.QueryType, query.QueryArgs, query.Header);

    private static async Task<IReadOnlyList<QueryAnswer>> AnswerAsync(WorkflowRun run, IReadOnlyList<QueryJob> queries)
    {
        if (queries.Count == 0)
        {
            return [];
        }

        try
        {
            return await run.QueryAsync(queries).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return [.. queries.Select(query => new QueryAnswer(query.QueryId, null, e))];
        }
    }

    /// <summary>Gets the run into the lease, and the events that it has to be given.</summary>
    private async Task<IReadOnlyList<HistoryEvent>> PrepareAsync(PollWorkflowTaskQueueResponse task, WorkflowCache.Lease lease)
    {
        var first = task.History.Events.FirstOrDefault()?.EventId;
        if (lease.Run is { } cached && first <= cached.Machines.LastEventId + 1 && cached.Machines.LastStartedEventId >= task.PreviousStartedEventId)
        {
            return await pager.RestAsync(task).ConfigureAwait(false);
        }

        var run = NewRun(task);
        lease.Run = run;
        return await FullHistoryAsync(task).ConfigureAwait(false);
    }

    private Task<IReadOnlyList<HistoryEvent>> FullHistoryAsync(PollWorkflowTaskQueueResponse task) =>
        task.History.Events.FirstOrDefault()?.EventId == 1 ? pager.RestAsync(task) : pager.FromStartAsync(task);

    private WorkflowRun NewRun(PollWorkflowTaskQueueResponse task) =>
        new(runtime, task.WorkflowExecution.WorkflowId, task.WorkflowExecution.RunId, task.WorkflowType.Name);
}
