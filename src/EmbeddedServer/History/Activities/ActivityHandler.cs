using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>What workers, and whoever completes activities for them, say about activities: by token or by id.</summary>
internal sealed class ActivityHandler(
    ExecutionRunner runner, ActivityMachine activities, WorkflowTaskMachine workflowTasks, ActivityResponses responses, HistoryEngineOptions options,
    IIdSource ids)
{
    public async Task<PollActivityTaskQueueResponse?> StartAsync(NamespaceRef ns, QueuedTask queued, PollActivityTaskQueueRequest poll)
    {
        using var lease = await runner.LeaseAsync(ns.Id, queued.Key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(queued.Key.RunId) is not { IsOpen: true } state
            || !state.Activities.TryGetValue(queued.Dispatch.ScheduledEventId, out var activity)
            || activity.Status != ActivityStatus.Scheduled || activity.Attempt != queued.Dispatch.Attempt || activity.Queue != queued.Dispatch.Queue)
        {
            return null;
        }

        try
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                new ActivityStep(tx, activity) { Identity = poll.Identity, RequestId = ids.NewId() }.Take(ActivityTrigger.Start);
                return true;
            }).ConfigureAwait(false);
        }
        catch (RefusalException) when (lease.Find(queued.Key.RunId) is { IsOpen: false })
        {
            // Who polls is told nothing of a run that could not take even that, and has ended: he would take it for a fault of his own.
            return null;
        }

        try
        {
            return responses.For(state, activity);
        }
        catch
        {
            await TakeBackAsync(lease, state, activity).ConfigureAwait(false);
            throw;
        }
    }

    public async Task AbandonAsync(NamespaceRef ns, PollActivityTaskQueueResponse task)
    {
        var token = TaskToken.Parse(task.TaskToken, TaskTokenKind.Activity, ns);
        using var lease = await runner.LeaseAsync(ns.Id, token.Key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(token.Key.RunId) is { IsOpen: true } state
            && state.Activities.TryGetValue(token.ScheduledEventId, out var activity)
            && activity.Attempt == token.Attempt && activity.StartedAt?.ToProto().Equals(task.StartedTime) == true)
        {
            await TakeBackAsync(lease, state, activity).ConfigureAwait(false);
        }
    }

    /// <summary>Offers a started attempt again that no worker has got.</summary>
    private async Task TakeBackAsync(ExecutionCache.Lease lease, ExecutionState state, ActivityState activity)
    {
        if (ActivityTransitions.Table.Allows(activity.Status, ActivityTrigger.Return))
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                new ActivityStep(tx, activity).Take(activity.IsPaused ? ActivityTrigger.ReturnPaused : ActivityTrigger.Return);
                return true;
            }).ConfigureAwait(false);
        }
    }

    public Task CompleteAsync(NamespaceRef ns, ActivityReference activity, Payloads? result, string identity) =>
        UpdateAsync(ns, activity, mayWait: true, (tx, found) =>
        {
            if (IsTooLarge(result))
            {
                FailForGood(tx, found, "Complete result exceeds size limit.", identity);
                return true;
            }

            new ActivityStep(tx, found) { Payloads = result, Identity = identity }.Take(ActivityTrigger.Complete);
            workflowTasks.ScheduleWorkflowTask(tx);
            return true;
        });

    /// <returns>What of the answer was too large, as failures of the server's: the caller is told.</returns>
    public Task<IReadOnlyList<Failure>> FailAsync(
        NamespaceRef ns, ActivityReference activity, Failure? failure, Payloads? heartbeatDetails, string identity) =>
        UpdateAsync<IReadOnlyList<Failure>>(ns, activity, mayWait: false, (tx, found) =>
        {
            List<Failure> tooLarge = [];
            if (IsTooLarge(heartbeatDetails))
            {
                tooLarge.Add(ForGood("Heartbeat details exceed size limit."));
            }
            else if (heartbeatDetails is not null)
            {
                new ActivityStep(tx, found) { Payloads = heartbeatDetails }.Take(ActivityTrigger.Heartbeat);
            }

            var told = FailureTruncation.Fit(failure, options);
            if (told is not null && !ReferenceEquals(told, failure))
            {
                tooLarge.Add(told);
            }

            if (activities.Fail(tx, found, told, identity))
            {
                workflowTasks.ScheduleWorkflowTask(tx);
            }

            return tooLarge;
        });

    public Task CancelAsync(NamespaceRef ns, ActivityReference activity, Payloads? details, string identity) =>
        UpdateAsync(ns, activity, mayWait: false, (tx, found) =>
        {
            if (IsTooLarge(details))
            {
                FailForGood(tx, found, "Cancel details exceed size limit.", identity);
                return true;
            }

            if (!ActivityTransitions.Table.Allows(found.Status, ActivityTrigger.ConfirmCancel))
            {
                throw Errors.InvalidArgument("unable to mark activity as canceled without activity being request canceled first");
            }

            new ActivityStep(tx, found) { Payloads = details, Identity = identity }.Take(ActivityTrigger.ConfirmCancel);
            workflowTasks.ScheduleWorkflowTask(tx);
            return true;
        });

    public Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(NamespaceRef ns, ActivityReference activity, Payloads? details, string identity) =>
        UpdateAsync(ns, activity, mayWait: false, (tx, found) =>
        {
            if (IsTooLarge(details))
            {
                FailForGood(tx, found, "Heartbeat details exceed size limit.", identity);
                return new RecordActivityTaskHeartbeatResponse { CancelRequested = true };
            }

            new ActivityStep(tx, found) { Payloads = details, Identity = identity }.Take(ActivityTrigger.Heartbeat);
            return new RecordActivityTaskHeartbeatResponse
            {
                CancelRequested = found.Status == ActivityStatus.CancelRequested,
                ActivityPaused = found.IsPaused,
                ActivityReset = found.IsReset,
            };
        });

    /// <param name="mayWait">Whether it is all right that no worker has the activity.</param>
    private async Task<T> UpdateAsync<T>(NamespaceRef ns, ActivityReference reference, bool mayWait, Func<ExecutionTransaction, ActivityState, T> decide)
    {
        using var lease = await runner.LeaseAsync(ns.Id, reference.WorkflowId).ConfigureAwait(false);
        var state = ExecutionRunner.Load(lease, reference.WorkflowId, reference.RunId);
        return await runner.UpdateAsync(lease, state, tx =>
        {
            if (!state.IsOpen)
            {
                throw Errors.AlreadyClosed();
            }

            var activity = reference.FindIn(state);
            return activity.IsWithWorker || (mayWait && reference.IsById) ? decide(tx, activity) : throw Errors.ActivityNotFound();
        }).ConfigureAwait(false);
    }

    private void FailForGood(ExecutionTransaction tx, ActivityState activity, string message, string identity)
    {
        if (!activity.IsWithWorker)
        {
            // Who isn't its worker may complete it, but not fail it.
            throw Errors.ActivityNotFound();
        }

        activities.Fail(tx, activity, ForGood(message), identity);
        workflowTasks.ScheduleWorkflowTask(tx);
    }

    private static Failure ForGood(string message) => new() { Message = message, ServerFailureInfo = new ServerFailureInfo { NonRetryable = true } };

    private bool IsTooLarge(IMessage? message) => message is not null && message.CalculateSize() > options.MaximumBlobBytes;
}
