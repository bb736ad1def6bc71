using Onramp.EmbeddedServer.History.Children;
using Onramp.EmbeddedServer.History.External;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>
/// Makes the run that begins at an earlier point of another one: its history up to there, as it is, then a workflow task that failed by the
/// reset. Its worker takes its randomness from that event.
/// </summary>
internal sealed class ResetRun(EventReader reader, WorkflowTaskMachine workflowTasks, HistoryEngineOptions options, IIdSource ids)
{
    /// <summary>The reference's id of the poll that a task went to without any.</summary>
    private const string NoRequest = "emptyUuid";

    /// <param name="from">The run to be reset.</param>
    /// <param name="finishEventId">The event that the new run does without, and all that follow it.</param>
    /// <exception cref="RefusalException">INVALID_ARGUMENT: no workflow task is open just before that event.</exception>
    public ExecutionTransaction Begin(ExecutionState from, long finishEventId, string reason, DateTimeOffset now)
    {
        var key = from.Key with { RunId = ids.NewRunId() };
        var state = new ExecutionState(key, from.Info.ForReset(from.Key, key.RunId, now), options.CachedEventBytes);
        var tx = new ExecutionTransaction(state, now, isNew: true) { MakeCurrent = true };
        Inherit(tx, from, finishEventId);
        if (!state.Task.IsPending)
        {
            throw Errors.InvalidArgument($"Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: {finishEventId}");
        }

        FailTask(tx, from.Key.RunId, reason);
        foreach (var activity in state.Activities.Values)
        {
            activity.ScheduledAt = now;
            activity.FirstScheduledAt = now;
            tx.DispatchActivity(activity);
        }

        return tx;
    }

    /// <summary>The workflow learns of everything with its next task; what was asked of others before, and not answered, is asked again.</summary>
    /// <param name="wasOpen">Whether the run that was reset was open: then what it asked of its children is still answered.</param>
    public void Continue(ExecutionTransaction tx, ExecutionState from, bool wasOpen)
    {
        foreach (var child in tx.State.Children.Values.Where(child => child.RunId.Length == 0))
        {
            if (wasOpen && from.Children.TryGetValue(child.InitiatedEventId, out var known))
            {
                child.RequestedBy = known.RequestedBy.Length > 0 ? known.RequestedBy : from.Key.RunId;
                tx.Children.Change(child);
            }
            else
            {
                tx.Send(ChildMessages.Start(tx.State, reader.ReadOne(from, child.InitiatedEventId)));
            }
        }

        foreach (var call in tx.State.ExternalCalls.Values)
        {
            tx.Send(CallMessages.Of(tx.State, call, reader.ReadOne(from, call.InitiatedEventId), ids.NewId()));
        }

        workflowTasks.Schedule(tx);
    }

    private void Inherit(ExecutionTransaction tx, ExecutionState from, long finishEventId)
    {
        var prefix = new HistoryPrefix(tx);
        foreach (var (batch, events) in reader.ReadBatches(from, 1, finishEventId - 1))
        {
            if (batch.LastEventId >= finishEventId)
            {
                throw Errors.InvalidArgument(
                    $"StateRebuilder unable to Rebuild mutable state to event ID: {finishEventId - 1}, version: 0, this event must be at the boundary");
            }

            tx.Inherit(batch, events);
            foreach (var @event in events)
            {
                prefix.Replay(@event);
            }
        }
    }

    private void FailTask(ExecutionTransaction tx, string baseRunId, string reason)
    {
        if (!tx.State.Task.IsStarted)
        {
            workflowTasks.Start(tx, WorkflowTaskMachine.ServerIdentity, NoRequest, fromSticky: false);
        }

        new WorkflowTaskStep(tx)
        {
            Identity = WorkflowTaskMachine.ServerIdentity,
            Failure = new Failure { Message = reason, ResetWorkflowFailureInfo = new ResetWorkflowFailureInfo() },
            BaseRunId = baseRunId,
        }.Take(WorkflowTaskTrigger.Reset);
    }
}
