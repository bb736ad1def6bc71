using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.Commands;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Updates;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>
/// A worker's answer to a workflow task. All of its commands are carried out, or none: the first that can't be fails the task, and the run is
/// as it was before the answer.
/// </summary>
internal sealed class WorkflowTaskCompletion(
    ExecutionRunner runner, WorkflowTaskMachine workflowTasks, ExecutionCloser closer, CommandTable commands,
    WorkflowTaskResponses responses, ActivityResponses activityResponses, QueryHandler queries, UpdateRegistry updates,
    UpdateMessages updateMessages, HistoryEngineOptions options, IIdSource ids)
{
    /// <summary>From a task's started event to what follows its completed event.</summary>
    private const int EventsOfCompletion = 2;

    private const string InlineRequestId = "request-from-RespondWorkflowTaskCompleted";

    /// <param name="ns">Where.</param>
    /// <param name="request">The answer.</param>
    /// <param name="isByBadBinary">Whether workers of its build are not to work there any more: then it fails the task.</param>
    public async Task<RespondWorkflowTaskCompletedResponse> CompleteAsync(
        NamespaceRef ns, RespondWorkflowTaskCompletedRequest request, bool isByBadBinary = false)
    {
        var token = TaskToken.Parse(request.TaskToken, TaskTokenKind.Workflow, ns);
        using var lease = await runner.LeaseAsync(ns.Id, token.Key.WorkflowId).ConfigureAwait(false);
        var state = WorkflowTaskHandler.FindStarted(lease, token);
        RequireVersioned(request);
        RequireWhole(ns, request);
        if (HeartbeatsTooLong(state, request))
        {
            await GiveUpHeartbeatAsync(lease, state).ConfigureAwait(false);
        }

        try
        {
            List<ActivityState> eager = [];
            var dropped = false;
            await runner.UpdateAsync(lease, state, tx =>
            {
                if (isByBadBinary)
                {
#pragma warning disable CS0612 // It is the only thing that binaries are marked by.
                    throw new CommandFailedException(WorkflowTaskFailedCause.BadBinary, $"binary {request.BinaryChecksum} is marked as bad deployment");
#pragma warning restore CS0612
                }

                commands.RequireSequence(request.Commands);
                dropped = LeavesNoTrace(tx, request);
                eager = dropped ? DropSpeculative(tx, ns, request) : Decide(tx, ns, request);
                tx.Then(() => queries.Answer(state.Key, request.QueryResults));
                return true;
            }).ConfigureAwait(false);
            return Answer(state, request, eager, dropped);
        }
        catch (CommandFailedException failed)
        {
            await FailAsync(lease, token, request, failed).ConfigureAwait(false);
            throw Errors.InvalidArgument(failed.Text);
        }
    }

    /// <summary>How a run goes with versions can be said only by one who has one.</summary>
    private static void RequireVersioned(RespondWorkflowTaskCompletedRequest request)
    {
#pragma warning disable CS0612 // Workers of old say their version so.
        if (request.VersioningBehavior != VersioningBehavior.Unspecified && request.Deployment is null
            && request.DeploymentOptions?.WorkerVersioningMode != WorkerVersioningMode.Versioned)
        {
            throw Errors.InvalidArgument("versioning behavior cannot be specified without deployment options being set with versioned mode");
        }
#pragma warning restore CS0612
    }

    /// <summary>One part of an answer must not be taken for all of it; who reads what a namespace can do doesn't send parts.</summary>
    private static void RequireWhole(NamespaceRef ns, RespondWorkflowTaskCompletedRequest request)
    {
        if (request.IntermediatePage || request.PageNumber > 0)
        {
            throw Errors.FailedPrecondition($"workflow task completion pagination is disabled for this namespace {ns.Name}");
        }
    }

    private List<ActivityState> Decide(ExecutionTransaction tx, NamespaceRef ns, RespondWorkflowTaskCompletedRequest request)
    {
        var originallyScheduledAt = tx.State.Task.OriginalScheduledAt;
        var context = new CommandContext(tx, ns, WorkflowTaskMachine.Complete(tx, request), request);
        Stick(tx.State.Task, request);
        foreach (var command in request.Commands)
        {
            commands.Find(command.CommandType).Apply(context, command);
        }

        updateMessages.ApplyRest(context, rejectsUnanswered: !request.ForceCreateNewWorkflowTask);
        if (!tx.State.IsOpen)
        {
            return [];
        }

        if (request.ForceCreateNewWorkflowTask || context.NeedsNewTask || tx.HasBufferedEvents)
        {
            workflowTasks.Schedule(tx, IsHeartbeat(request) ? originallyScheduledAt : null);
        }
        else if (updates.HasUnsent(tx.State.Key, context.AnsweredUpdates))
        {
            workflowTasks.Schedule(tx, isSpeculative: request.ReturnNewWorkflowTask);
        }

        if (request.ReturnNewWorkflowTask && tx.State.Task.IsPending)
        {
            workflowTasks.Start(tx, request.Identity, InlineRequestId, fromSticky: tx.State.Task.IsSticky);
        }

        return StartEager(context);
    }

    /// <summary>
    /// A speculative task whose every update is rejected or left unanswered, and whose worker has nothing to go back over: it was shown no
    /// events besides the task's own, or knows how to be shown a few again.
    /// </summary>
    private bool LeavesNoTrace(ExecutionTransaction tx, RespondWorkflowTaskCompletedRequest request)
    {
        var task = tx.State.Task;
        if (!task.IsSpeculative || request.Commands.Count > 0 || request.ForceCreateNewWorkflowTask || tx.HasBufferedEvents
            || !request.Messages.All(message => message.Body?.Is(Rejection.Descriptor) == true))
        {
            return false;
        }

        var shown = task.ScheduledEventId - task.LastCompletedStartedEventId - EventsOfCompletion;
        return shown <= (request.Capabilities?.DiscardSpeculativeWorkflowTaskWithEvents == true ? options.MaximumEventsShownAgain : 0);
    }

    private List<ActivityState> DropSpeculative(ExecutionTransaction tx, NamespaceRef ns, RespondWorkflowTaskCompletedRequest request)
    {
        WorkflowTaskMachine.Drop(tx);
        Stick(tx.State.Task, request);
        var context = new CommandContext(tx, ns, 0, request);
        updateMessages.ApplyRest(context, rejectsUnanswered: true);
        if (updates.HasUnsent(tx.State.Key, context.AnsweredUpdates))
        {
            workflowTasks.Schedule(tx, isSpeculative: request.ReturnNewWorkflowTask);
            if (request.ReturnNewWorkflowTask)
            {
                workflowTasks.Start(tx, request.Identity, InlineRequestId, fromSticky: tx.State.Task.IsSticky);
            }
        }

        return [];
    }

    /// <summary>Activities that were canceled by a later command of the same answer are not handed out.</summary>
    private List<ActivityState> StartEager(CommandContext context)
    {
        var started = new List<ActivityState>();
        foreach (var activity in context.Eager)
        {
            if (activity.Status == ActivityStatus.Scheduled)
            {
                new ActivityStep(context.Tx, activity) { Identity = context.Identity, RequestId = ids.NewId() }.Take(ActivityTrigger.Start);
                started.Add(activity);
            }
        }

        return started;
    }

    private RespondWorkflowTaskCompletedResponse Answer(ExecutionState state, RespondWorkflowTaskCompletedRequest request, List<ActivityState> eager, bool dropped)
    {
        var response = new RespondWorkflowTaskCompletedResponse
        {
            // The worker goes back to where it was before a task that has left no trace.
            ResetHistoryEventId = dropped ? state.Task.LastCompletedStartedEventId : 0,
        };
        foreach (var activity in eager)
        {
            response.ActivityTasks.Add(activityResponses.ForEager(state, activity));
        }

        if (state.IsOpen && state.Task.IsStarted)
        {
            response.WorkflowTask = responses.ForTask(state, onlyNew: true);
            queries.Attach(state, response.WorkflowTask);
            updateMessages.Attach(state, response.WorkflowTask);
        }

        return response;
    }

    private async Task FailAsync(ExecutionCache.Lease lease, TaskToken token, RespondWorkflowTaskCompletedRequest request, CommandFailedException failed)
    {
        var state = WorkflowTaskHandler.FindStarted(lease, token);
        if (state.Task.Attempt > 1 && failed.Cause != WorkflowTaskFailedCause.UnhandledCommand)
        {
            // It keeps failing: left to its timeout, it does not keep the worker busy.
            updates.AbortSent(state.Key, UpdateFailed());
            await runner.ForgetUnstoredAsync(lease, state.Key).ConfigureAwait(false);
            return;
        }

        await runner.UpdateAsync(lease, state, tx =>
        {
            var failure = new Failure { Message = failed.Text, ServerFailureInfo = new ServerFailureInfo() };
            WorkflowTaskMachine.Fail(tx, failed.Cause, failure, request.Identity);
            if (failed.Terminates)
            {
                closer.Terminate(tx, failed.Text, null, WorkflowTaskMachine.ServerIdentity, []);
            }
            else
            {
                workflowTasks.ScheduleWorkflowTask(tx);
            }

            tx.Then(() =>
            {
                updates.AbortSent(state.Key, UpdateFailed());
                runner.StartOver(state);
            });
            return true;
        }).ConfigureAwait(false);
    }

    private static RefusalException UpdateFailed() =>
        Errors.NotReady("Unable to perform workflow execution update due to unexpected workflow task failure.");

    private bool HeartbeatsTooLong(ExecutionState state, RespondWorkflowTaskCompletedRequest request) =>
        IsHeartbeat(request) && runner.Now >= state.Task.OriginalScheduledAt.Plus(options.WorkflowTaskHeartbeatTimeout);

    private async Task GiveUpHeartbeatAsync(ExecutionCache.Lease lease, ExecutionState state)
    {
        await runner.UpdateAsync(lease, state, tx =>
        {
            WorkflowTaskMachine.TimeOut(tx);
            workflowTasks.ScheduleWorkflowTask(tx);
            return true;
        }).ConfigureAwait(false);
        throw Errors.NotFound("workflow task heartbeat timeout");
    }

    private static bool IsHeartbeat(RespondWorkflowTaskCompletedRequest request) =>
        request.ForceCreateNewWorkflowTask && request.Commands.Count == 0 && request.Messages.Count == 0;

    /// <summary>A worker that names no queue of its own has not kept the run.</summary>
    private static void Stick(WorkflowTaskState task, RespondWorkflowTaskCompletedRequest request)
    {
        if (request.StickyAttributes?.WorkerTaskQueue?.Name is { Length: > 0 } queue)
        {
            task.StickyQueue = queue;
            task.StickyScheduleToStartTimeout = request.StickyAttributes.ScheduleToStartTimeout.ToSpan();
        }
        else
        {
            task.ClearSticky();
        }
    }
}
