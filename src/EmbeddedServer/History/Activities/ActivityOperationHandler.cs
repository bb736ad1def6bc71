using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Requests of operators about one pending activity of a run, all of a type, or all there are: one decision for all of them.</summary>
internal sealed class ActivityOperationHandler(ExecutionRunner runner, ActivityOperations operations)
{
    public Task PauseAsync(NamespaceRef ns, PauseActivityRequest request)
    {
        var pause = new ActivityPause(request.Identity, request.Reason, request.RequestId);
        var matches = Selection(request.HasId ? request.Id : null, request.HasType ? request.Type : null);
        return EachAsync(
            ns, request.Execution, matches, (tx, activity) => ActivityOperations.Pause(tx, activity, pause),
            request.HasId ? ClosedRun.IsRefused : ClosedRun.IsSearched);
    }

    public Task UnpauseAsync(NamespaceRef ns, UnpauseActivityRequest request)
    {
        var matches = Selection(request.HasId ? request.Id : null, request.HasType ? request.Type : null);
        return EachAsync(ns, request.Execution, matches, (tx, activity) =>
            operations.Unpause(tx, activity, request.ResetAttempts, request.ResetHeartbeat, request.Jitter.ToSpan()), ClosedRun.IsRefused);
    }

    public Task ResetAsync(NamespaceRef ns, ResetActivityRequest request)
    {
        var matches = Selection(request.HasId ? request.Id : null, request.HasType ? request.Type : null);
        return EachAsync(
            ns, request.Execution, matches,
            (tx, activity) => operations.Reset(
                tx, activity, request.ResetHeartbeat, request.KeepPaused, request.RestoreOriginalOptions, request.Jitter.ToSpan()),
            request.HasId ? ClosedRun.IsRefused : ClosedRun.IsSearched);
    }

    /// <returns>The options of the last activity that was changed.</returns>
    public async Task<UpdateActivityOptionsResponse> UpdateOptionsAsync(NamespaceRef ns, UpdateActivityOptionsRequest request)
    {
        var matches = Selection(request.HasId ? request.Id : null, request.HasType ? request.Type : null);
        var options = new ActivityOptions();
        if (request.RestoreOriginal)
        {
            await EachAsync(
                ns, request.Execution, matches, (tx, activity) => options = operations.RestoreOptions(tx, activity), ClosedRun.IsSearched).ConfigureAwait(false);
            options.TaskQueue.Kind = TaskQueueKind.Unspecified;
        }
        else
        {
            await EachAsync(
                ns, request.Execution, matches,
                (tx, activity) =>
                {
                    var mask = request.UpdateMask ?? throw Errors.InvalidArgument("UpdateMask is not provided");
                    var change = new ActivityOptionsChange(request.ActivityOptions, mask);
                    options = ActivityOperations.ChangeOptions(tx, activity, change);
                    options.RetryPolicy = change.Shown(options.RetryPolicy);
                },
                ClosedRun.IsRefused,
                () =>
                {
                    if (request.ActivityOptions is null)
                    {
                        throw Errors.InvalidArgument("ActivityOptions are not provided");
                    }

                    if (request.HasId && request.UpdateMask is null)
                    {
                        throw Errors.InvalidArgument("UpdateMask is not provided");
                    }
                }).ConfigureAwait(false);
        }

        return new UpdateActivityOptionsResponse { ActivityOptions = options };
    }

    /// <summary>Neither id nor type means all.</summary>
    private static Predicate<ActivityState> Selection(string? id, string? type) =>
        activity => id is not null ? activity.ActivityId == id : type is null || activity.Type == type;

    /// <param name="closed">What comes first where the run has closed and there is no such activity.</param>
    /// <param name="check">What is looked at once the run is known to be open.</param>
    private Task EachAsync(
        NamespaceRef ns, WorkflowExecution execution, Predicate<ActivityState> matches, Action<ExecutionTransaction, ActivityState> act,
        ClosedRun closed, Action? check = null) =>
        runner.UpdateAsync(ns, execution.WorkflowId, execution.RunId, tx =>
        {
            var found = tx.State.Activities.Values.Where(activity => matches(activity)).OrderBy(activity => activity.ScheduledEventId).ToList();
            if (!tx.State.IsOpen)
            {
                throw closed == ClosedRun.IsSearched && found.Count == 0 ? Errors.NoSuchPendingActivity() : Errors.AlreadyClosed();
            }

            check?.Invoke();
            if (found.Count == 0)
            {
                throw Errors.NoSuchPendingActivity();
            }

            found.ForEach(activity => act(tx, activity));
            return true;
        });

    private enum ClosedRun
    {
        IsRefused,
        IsSearched,
    }
}
