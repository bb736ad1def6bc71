using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>Updates as clients send them and wait for them.</summary>
internal sealed class UpdateHandler(
    ExecutionRunner runner, UpdateRegistry registry, WorkflowTaskMachine workflowTasks, EventReader reader, HistoryEngineOptions options, TimeProvider wallClock)
{
    private const int FailingAttempt = 3;

    /// <param name="hold">How long to wait for the stage; then the answer tells the stage that was reached.</param>
    public async Task<UpdateWorkflowExecutionResponse> UpdateAsync(
        NamespaceRef ns, UpdateWorkflowExecutionRequest request, TimeSpan hold, CancellationToken cancellationToken)
    {
        ExecutionKey key;
        PendingUpdate update;
        using (var lease = await runner.LeaseAsync(ns.Id, request.WorkflowExecution.WorkflowId).ConfigureAwait(false))
        {
            var state = ExecutionRunner.Load(lease, request.WorkflowExecution.WorkflowId, request.WorkflowExecution.RunId);
            key = state.Key;
            update = await AdmitAsync(lease, state, request).ConfigureAwait(false);
        }

        try
        {
            var progress = await WaitAsync(update, StageOf(request.WaitPolicy), hold, cancellationToken).ConfigureAwait(false);
            return Answer(ns, key, request.Request, progress);
        }
        catch (UpdateUnseenException unseen)
        {
            throw unseen.ToRefusal();
        }
    }

    public async Task<PollWorkflowExecutionUpdateResponse> PollAsync(
        NamespaceRef ns, PollWorkflowExecutionUpdateRequest request, TimeSpan hold, CancellationToken cancellationToken)
    {
        var reference = request.UpdateRef;
        ExecutionKey key;
        PendingUpdate update;
        using (var lease = await runner.LeaseAsync(ns.Id, reference.WorkflowExecution.WorkflowId).ConfigureAwait(false))
        {
            var state = ExecutionRunner.Load(lease, reference.WorkflowExecution.WorkflowId, reference.WorkflowExecution.RunId);
            key = state.Key;
            update = Find(state, reference.UpdateId) ?? throw Errors.NotFound($"update \"{reference.UpdateId}\" not found");
        }

        try
        {
            var stage = request.WaitPolicy?.LifecycleStage ?? Stage.Unspecified;
            var progress = await WaitAsync(update, stage, hold, cancellationToken).ConfigureAwait(false);
            return new PollWorkflowExecutionUpdateResponse { Outcome = progress.Outcome, Stage = progress.Stage, UpdateRef = ReferenceTo(key, update.Id) };
        }
        catch (UpdateUnseenException unseen)
        {
            throw unseen.ToRefusal();
        }
    }

    /// <summary>The update of this id, admitted now if it is new to the run. Needs the lease.</summary>
    public async Task<PendingUpdate> AdmitAsync(ExecutionCache.Lease lease, ExecutionState state, UpdateWorkflowExecutionRequest request)
    {
        if (request.FirstExecutionRunId.Length > 0 && request.FirstExecutionRunId != state.Info.FirstExecutionRunId)
        {
            throw Errors.WrongChain();
        }

        var known = Find(state, request.Request.Meta.UpdateId);
        if (!state.IsOpen)
        {
            if (known is null)
            {
                registry.ForgetUnseen(state.Key);
            }

            return known ?? throw Errors.AlreadyClosed();
        }

        var update = known ?? new PendingUpdate(request.Request.Meta.UpdateId, request.Request, UpdateStatus.Admitted);
        try
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                RequireProgress(state);
                if (known is null)
                {
                    RequireRoom(state, request.Request);
                }

                if (request.Request is { CompletionCallbacks.Count: > 0, RequestId.Length: 0 })
                {
                    throw Errors.InvalidArgument("invalid *update.Request: request_id is required when completion_callbacks are set");
                }

                if (known is null)
                {
                    registry.Add(state.Key, update);
                    workflowTasks.ScheduleForUpdate(tx);
                }

                return true;
            }).ConfigureAwait(false);
        }
        catch when (known is null)
        {
            registry.Remove(state.Key, update);
            throw;
        }

        return update;
    }

    /// <summary>An update that the run knows, settled or waited for; null when it is new. Needs the lease.</summary>
    public PendingUpdate? Find(ExecutionState state, string updateId)
    {
        if (!state.Updates.TryGetValue(updateId, out var update))
        {
            return registry.Find(state.Key, updateId);
        }

        if (!update.IsAccepted)
        {
            return FindAdmitted(state, updateId);
        }

        if (update.IsCompleted || !state.IsOpen)
        {
            return PendingUpdate.Settled(updateId, OutcomeOf(state, update));
        }

        if (registry.Find(state.Key, updateId) is { } waiting)
        {
            return waiting;
        }

        var accepted = new PendingUpdate(updateId, null, UpdateStatus.Accepted);
        registry.Add(state.Key, accepted);
        return accepted;
    }

    /// <summary>What came of an update that the run has completed; null for any other.</summary>
    public PendingUpdate? FindCompleted(ExecutionState state, string updateId) =>
        state.Updates.TryGetValue(updateId, out var update) && update.IsCompleted ? PendingUpdate.Settled(updateId, OutcomeOf(state, update)) : null;

    /// <summary>One that a reset carried over: the worker learns of it by its event.</summary>
    /// <exception cref="RefusalException">INTERNAL: it was rejected, which isn't kept; Temporal's server has no answer either.</exception>
    private PendingUpdate FindAdmitted(ExecutionState state, string updateId)
    {
        var known = registry.Find(state.Key, updateId);
        if (known is { Status: UpdateStatus.Over, IsAborted: false })
        {
            throw MaskedRefusal.Of(RefusalKind.Internal, "update has not completed");
        }

        if (known is not null)
        {
            return known;
        }

        var admitted = new PendingUpdate(updateId, null, UpdateStatus.Admitted);
        if (!state.IsOpen)
        {
            // Nobody will look at it any more: it stays what its event says.
            return admitted;
        }

        if (state.Task.IsStarted)
        {
            admitted.Take(UpdateTrigger.Send);
        }

        registry.Add(state.Key, admitted);
        return admitted;
    }

    /// <exception cref="UpdateUnseenException">The run closed before it looked at the update.</exception>
    public async Task<UpdateProgress> WaitAsync(PendingUpdate update, Stage stage, TimeSpan hold, CancellationToken cancellationToken)
    {
        if (hold <= TimeSpan.Zero)
        {
            return update.Progress;
        }

        try
        {
            return await update.Reaches(stage).WaitAsync(hold, wallClock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return update.Progress;
        }
    }

    public static UpdateWorkflowExecutionResponse Answer(NamespaceRef ns, ExecutionKey key, Request request, UpdateProgress progress) => new()
    {
        UpdateRef = ReferenceTo(key, request.Meta.UpdateId),
        Outcome = progress.Outcome,
        Stage = progress.Stage,
        Link = LinkOf(ns, key, request, progress),
    };

    /// <summary>What an unset stage means to callers of an update.</summary>
    public static Stage StageOf(WaitPolicy? policy) =>
        policy is null or { LifecycleStage: Stage.Unspecified } ? Stage.Completed : policy.LifecycleStage;

    private static Link? LinkOf(NamespaceRef ns, ExecutionKey key, Request request, UpdateProgress progress) => progress switch
    {
        { Outcome.Failure: not null } => new Link
        {
            Workflow = new Link.Types.Workflow { Namespace = ns.Name, WorkflowId = key.WorkflowId, RunId = key.RunId, Reason = "Update rejected" },
        },
        { Stage: Stage.Accepted or Stage.Completed } => Links.ToRequest(ns.Name, key, request.RequestId, EventType.WorkflowExecutionUpdateAccepted),
        _ => null,
    };

    private static UpdateRef ReferenceTo(ExecutionKey key, string updateId) => new()
    {
        UpdateId = updateId,
        WorkflowExecution = new WorkflowExecution { WorkflowId = key.WorkflowId, RunId = key.RunId },
    };

    private Outcome OutcomeOf(ExecutionState state, UpdateState update) => update.IsCompleted
        ? reader.ReadOne(state, update.CompletedEventId).WorkflowExecutionUpdateCompletedEventAttributes.Outcome
        : new Outcome { Failure = UpdateRegistry.WorkflowCompletedFirst() };

    /// <summary>A run whose tasks fail doesn't come to updates, not even to those that it has.</summary>
    private static void RequireProgress(ExecutionState state)
    {
        if (state.Task.Attempt >= FailingAttempt)
        {
            throw Errors.NotReady("Unable to perform workflow execution update due to Workflow Task in failed state.");
        }

        if (state.Task.IsClosing)
        {
            throw Errors.Closing();
        }
    }

    /// <summary>An update that is new to its run lives in memory until a worker accepts it, and workers may be none.</summary>
    /// <exception cref="RefusalException">RESOURCE_EXHAUSTED.</exception>
    public void RequireMemory(Request request)
    {
        if (registry.Bytes + UpdateRegistry.BytesOf(request) > options.MaximumUpdateBytesInMemory)
        {
            throw Errors.Overloaded("too many updates wait for workers");
        }
    }

    private void RequireRoom(ExecutionState state, Request request)
    {
        var unaccepted = registry.Select(state.Key, UpdateStatus.Admitted).Concat(registry.Select(state.Key, UpdateStatus.Sent)).ToList();
        var inFlight = unaccepted.Count + state.Updates.Values.Count(update => update is { IsAccepted: true, IsCompleted: false });
        if (inFlight >= options.MaximumUpdatesInFlight)
        {
            throw Errors.TooManyUpdatesInFlight($"limit on number of concurrent in-flight updates has been reached ({options.MaximumUpdatesInFlight})");
        }

        if (state.Updates.Count + unaccepted.Count >= options.MaximumUpdates)
        {
            throw Errors.FailedPrecondition(
                $"The limit on the total number of distinct updates in this workflow has been reached ({options.MaximumUpdates}). "
                + "Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates that you aren't going to process. "
                + "You can also Continue-as-New to avoid this; we recommend you check Continue-as-New Suggested in your Workflow.");
        }

        if (unaccepted.Sum(update => (long)(update.Request?.CalculateSize() ?? 0)) + request.CalculateSize() >= options.MaximumUpdateBytesInFlight)
        {
            throw Errors.TooManyUpdatesInFlight($"limit on total payload size of in-flight updates has been reached ({options.MaximumUpdateBytesInFlight} bytes)");
        }

        RequireMemory(request);
    }
}
