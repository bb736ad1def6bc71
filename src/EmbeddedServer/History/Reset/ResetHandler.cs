using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>
/// ResetWorkflowExecution: ends the current run, if it is open, and begins a new one at an earlier point of that or of an older one. Both are
/// one commit.
/// </summary>
internal sealed class ResetHandler(
    ExecutionRunner runner, ResetRun resetRun, ExecutionCloser closer, SignalRecorder signals, EventReader reader)
{
    public async Task<ResetWorkflowExecutionResponse> ResetAsync(NamespaceRef ns, ResetWorkflowExecutionRequest request)
    {
        var workflowId = request.WorkflowExecution.WorkflowId;
        using var lease = await runner.LeaseAsync(ns.Id, workflowId).ConfigureAwait(false);
        var from = ExecutionRunner.Load(lease, workflowId, request.WorkflowExecution.RunId);
        try
        {
            return await ResetAsync(lease, from, request).ConfigureAwait(false);
        }
        catch (RefusalException refused) when (refused.Kind is RefusalKind.InvalidArgument or RefusalKind.Internal)
        {
            await runner.ForgetUnstoredAsync(lease, from.Key).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ResetWorkflowExecutionResponse> ResetAsync(ExecutionCache.Lease lease, ExecutionState from, ResetWorkflowExecutionRequest request)
    {
        if (request.WorkflowTaskFinishEventId <= 1 || request.WorkflowTaskFinishEventId >= from.NextEventId)
        {
            throw Errors.InvalidArgument("Workflow task finish ID must be > 1 && <= workflow last event ID.");
        }

        foreach (var operation in request.PostResetOperations)
        {
            PostReset.Check(operation);
        }

        var current = lease.CurrentRunId is { } runId ? lease.Find(runId) : null;
        if (current?.Info.StartRequestId == request.RequestId)
        {
            return new ResetWorkflowExecutionResponse { RunId = current.Key.RunId };
        }

        try
        {
            var decided = Decide(lease, from, current, request);
            await runner.CommitAsync(lease, decided).ConfigureAwait(false);
            runner.StartOver(decided[^1].State);
            return new ResetWorkflowExecutionResponse { RunId = decided[^1].State.Key.RunId };
        }
        catch
        {
            lease.Discard();
            throw;
        }
    }

    /// <returns>The last one is the new run's.</returns>
    private ExecutionTransaction[] Decide(ExecutionCache.Lease lease, ExecutionState from, ExecutionState? current, ResetWorkflowExecutionRequest request)
    {
        var now = runner.Now;
        var wasOpen = from.IsOpen;
        var reset = resetRun.Begin(from, request.WorkflowTaskFinishEventId, request.Reason, now);
        var reapplication = new Reapplication(reset, signals, Excluded(request));
        var last = reapplication.IsEmpty ? "" : ApplyLater(lease, reapplication, from, request.WorkflowTaskFinishEventId);
        var decided = new List<ExecutionTransaction>();
        if (current is { IsOpen: true })
        {
            var ending = new ExecutionTransaction(current, now);
            closer.TerminateForReset(ending, request.Reason);
            decided.Add(ending);
            foreach (var @event in last == current.Key.RunId ? ending.Written : [])
            {
                reapplication.Apply(@event);
            }
        }

        foreach (var operation in request.PostResetOperations)
        {
            var update = operation.UpdateWorkflowOptions;
            ExecutionOptions.Apply(reset, update.WorkflowExecutionOptions, update.UpdateMask, "");
        }

        from.ResetRunId = reset.State.Key.RunId;
        if (!decided.Exists(tx => ReferenceEquals(tx.State, from)))
        {
            var older = new ExecutionTransaction(from, now);
            older.Touch();
            decided.Add(older);
        }

        resetRun.Continue(reset, from, wasOpen);
        decided.Add(reset);
        return [.. decided];
    }

    /// <summary>Applies what came later, in that run and in those that it continued as.</summary>
    /// <returns>The last of these runs.</returns>
    private string ApplyLater(ExecutionCache.Lease lease, Reapplication reapplication, ExecutionState from, long fromEventId)
    {
        var run = from;
        while (true)
        {
            HistoryEvent? last = null;
            foreach (var (_, events) in reader.ReadBatches(run, fromEventId, run.LastEventId))
            {
                foreach (var @event in events.Where(@event => @event.EventId >= fromEventId))
                {
                    reapplication.Apply(@event);
                    last = @event;
                }
            }

            if (last?.WorkflowExecutionContinuedAsNewEventAttributes is not { } continued || lease.Find(continued.NewExecutionRunId) is not { } next)
            {
                return run.Key.RunId;
            }

            run = next;
            fromEventId = 1;
        }
    }

    private static HashSet<ResetReapplyExcludeType> Excluded(ResetWorkflowExecutionRequest request)
    {
        HashSet<ResetReapplyExcludeType> excluded = [.. request.ResetReapplyExcludeTypes];
#pragma warning disable CS0612 // The older way to say it.
        switch (request.ResetReapplyType)
#pragma warning restore CS0612
        {
            case ResetReapplyType.Signal:
                excluded.Add(ResetReapplyExcludeType.Update);
                break;
            case ResetReapplyType.None:
                excluded.Add(ResetReapplyExcludeType.Signal);
                excluded.Add(ResetReapplyExcludeType.Update);
                break;
        }

        return excluded;
    }
}
