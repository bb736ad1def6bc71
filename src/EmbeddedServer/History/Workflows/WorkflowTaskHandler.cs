using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Workflow tasks on their way to a worker, and those that come back without an answer.</summary>
internal sealed class WorkflowTaskHandler(
    ExecutionRunner runner, WorkflowTaskMachine workflowTasks, ExecutionCloser closer, WorkflowTaskResponses responses, QueryHandler queries,
    UpdateRegistry updates, UpdateMessages updateMessages, HistoryEngineOptions options, IIdSource ids)
{
    public async Task<PollWorkflowTaskQueueResponse?> StartAsync(NamespaceRef ns, QueuedTask queued, PollWorkflowTaskQueueRequest poll)
    {
        using var lease = await runner.LeaseAsync(ns.Id, queued.Key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(queued.Key.RunId) is not { IsOpen: true } state || !IsCurrent(state.Task, queued.Dispatch))
        {
            return null;
        }

        if (state.Task.IsSpeculative && !updates.HasUnsent(state.Key))
        {
            // Those who sent the updates are gone, by a restart of the server.
            await runner.UpdateAsync(lease, state, tx =>
            {
                WorkflowTaskMachine.Drop(tx);
                return true;
            }).ConfigureAwait(false);
            return null;
        }

        var fromSticky = state.Task.IsSticky && poll.TaskQueue.Name == state.Task.Queue;
        try
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                workflowTasks.Start(tx, poll.Identity, ids.NewId(), fromSticky);
                return true;
            }).ConfigureAwait(false);
        }
        catch (RefusalException) when (lease.Find(queued.Key.RunId) is { IsOpen: false })
        {
            // It was one event too many for the run, which has ended.
            return null;
        }

        try
        {
            var response = responses.ForTask(state, onlyNew: fromSticky);
            queries.Attach(state, response);
            updateMessages.Attach(state, response);
            return response;
        }
        catch
        {
            await TakeBackAsync(lease, state).ConfigureAwait(false);
            throw;
        }
    }

    public async Task FailAsync(NamespaceRef ns, RespondWorkflowTaskFailedRequest request)
    {
        var token = TaskToken.Parse(request.TaskToken, TaskTokenKind.Workflow, ns);
        using var lease = await runner.LeaseAsync(ns.Id, token.Key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(token.Key.RunId) is { IsOpen: false })
        {
            throw Errors.AlreadyClosed();
        }

        var state = FindStarted(lease, token);
        await runner.UpdateAsync(lease, state, tx =>
        {
            if (Terminates(request.Cause))
            {
                closer.Terminate(tx, request.Cause.ToString(), null, WorkflowTaskMachine.ServerIdentity, []);
                return true;
            }

            WorkflowTaskMachine.Fail(tx, request.Cause, FailureTruncation.Fit(request.Failure, options), request.Identity);
            workflowTasks.ScheduleWorkflowTask(tx);
            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Nobody has seen the task, so it goes back at once; like any failed task it is given to another worker.</summary>
    public async Task AbandonAsync(NamespaceRef ns, PollWorkflowTaskQueueResponse task)
    {
        if (task.Query is not null && task.StartedEventId == 0)
        {
            await queries.ReturnAsync(ns, task).ConfigureAwait(false);
            return;
        }

        var token = TaskToken.Parse(task.TaskToken, TaskTokenKind.Workflow, ns);
        using var lease = await runner.LeaseAsync(ns.Id, token.Key.WorkflowId).ConfigureAwait(false);
        if (TryFindStarted(lease, token) is { } state)
        {
            await TakeBackAsync(lease, state).ConfigureAwait(false);
        }
    }

    public async Task ResetStickyAsync(NamespaceRef ns, ResetStickyTaskQueueRequest request)
    {
        await runner.UpdateAsync(ns, request.Execution.WorkflowId, request.Execution.RunId, tx =>
        {
            if (!tx.State.IsOpen)
            {
                throw Errors.AlreadyClosed();
            }

            if (tx.State.Task.StickyQueue.Length > 0)
            {
                tx.State.Task.ClearSticky();
                tx.Touch();
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Ends a started task that no worker has got, as if it had failed.</summary>
    public async Task TakeBackAsync(ExecutionCache.Lease lease, ExecutionState state)
    {
        await runner.UpdateAsync(lease, state, tx =>
        {
            WorkflowTaskMachine.TimeOut(tx);
            workflowTasks.ScheduleWorkflowTask(tx);
            return true;
        }).ConfigureAwait(false);
    }

    /// <exception cref="RefusalException">NOT_FOUND: the token's run is gone, or its task is not the one that is out.</exception>
    public static ExecutionState FindStarted(ExecutionCache.Lease lease, TaskToken token) =>
        TryFindStarted(lease, token)
        ?? throw (lease.Find(token.Key.RunId) is null ? Errors.RunNotFound(token.Key.WorkflowId, token.Key.RunId) : Errors.WorkflowTaskNotFound());

    private static ExecutionState? TryFindStarted(ExecutionCache.Lease lease, TaskToken token) =>
        lease.Find(token.Key.RunId) is { IsOpen: true } state && state.Task.IsStarted
            && state.Task.ScheduledEventId == token.ScheduledEventId && state.Task.StartedEventId == token.StartedEventId
            && state.Task.Attempt == token.Attempt && state.Task.RequestId == token.Id
            ? state
            : null;

    private static bool IsCurrent(WorkflowTaskState task, TaskDispatch dispatch) =>
        task.Status == WorkflowTaskStatus.Scheduled && task.ScheduledEventId == dispatch.ScheduledEventId && task.Attempt == dispatch.Attempt;

    /// <summary>Trying again would end the same way.</summary>
    private static bool Terminates(WorkflowTaskFailedCause cause) => cause is WorkflowTaskFailedCause.GrpcMessageTooLarge;
}
