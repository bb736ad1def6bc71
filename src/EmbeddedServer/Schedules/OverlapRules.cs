using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>
/// Works off a schedule's buffer. An action that is allowed beside others starts at once and is not awaited. Of the rest one at a time is under
/// way; what becomes of an action that finds another under way (or about to start) is up to its policy:
/// <list type="bullet">
/// <item>skip: it is dropped; buffer one: it waits, if nothing else does; buffer all: it waits;</item>
/// <item>cancel or terminate other: it waits, and the one under way is asked to end; one that is only about to start makes way.</item>
/// </list>
/// </summary>
internal static class OverlapRules
{
    /// <summary>Whether nothing is left that could start now.</summary>
    public static bool WorkOff(ScheduleTransaction tx)
    {
        var progress = tx.Progress;
        List<StoredAction> waiting = [];
        StoredAction? chosen = null;
        var isBusy = progress.Running.Count > 0 || progress.Starting.Any(action => action.IsAwaited);
        var starts = 0;
        var next = 0;
        for (; next < progress.Buffer.Count && starts < ScheduleLimits.StartsPerDecision && !IsFull(progress); next++)
        {
            var action = progress.Buffer[next];
            var policy = PolicyOf(tx, action);
            if (policy == ScheduleOverlapPolicy.AllowAll)
            {
                starts += TryStart(tx, action, isAwaited: false) ? 1 : 0;
            }
            else if (!isBusy && chosen is null)
            {
                chosen = action;
            }
            else if (policy is ScheduleOverlapPolicy.CancelOther or ScheduleOverlapPolicy.TerminateOther)
            {
                if (isBusy)
                {
                    Stop(tx, terminate: policy == ScheduleOverlapPolicy.TerminateOther);
                    waiting.Add(action);
                }
                else
                {
                    chosen = action;
                }
            }
            else if (policy == ScheduleOverlapPolicy.BufferAll || (policy == ScheduleOverlapPolicy.BufferOne && waiting.Count == 0))
            {
                waiting.Add(action);
            }
            else
            {
                progress.OverlapSkipped++;
            }
        }

        // Each start that is answered brings the next decision.
        var isDrained = next == progress.Buffer.Count || IsFull(progress);
        StoredAction[] rest = [.. waiting, .. progress.Buffer.Skip(next)];
        progress.Buffer.Clear();
        progress.Buffer.Add(rest);

        // One that can't be taken any more leaves its place to the next.
        return chosen is null || TryStart(tx, chosen, isAwaited: true) ? isDrained : progress.Buffer.Count == 0;
    }

    private static bool IsFull(StoredScheduleProgress progress) => progress.Starting.Count >= ScheduleLimits.StartsUnderWay;

    private static ScheduleOverlapPolicy PolicyOf(ScheduleTransaction tx, StoredAction action)
    {
        var policy = (ScheduleOverlapPolicy)action.OverlapPolicy;
        policy = policy == ScheduleOverlapPolicy.Unspecified ? tx.OverlapPolicy : policy;
        return policy == ScheduleOverlapPolicy.Unspecified ? ScheduleOverlapPolicy.Skip : policy;
    }

    /// <summary>Asks for the workflow of an action, unless the schedule was paused or has no actions left; what was asked for by hand is taken anyway.</summary>
    private static bool TryStart(ScheduleTransaction tx, StoredAction action, bool isAwaited)
    {
        if (tx.Schedule.Action?.StartWorkflow is not { } wanted || (!action.IsManual && !ScheduleDecider.CanAct(tx)))
        {
            return false;
        }

        if (!action.IsManual && tx.Schedule.State.LimitedActions)
        {
            tx.Schedule.State.RemainingActions--;
            tx.CountChange();
        }

        action.IsAwaited = isAwaited;
        action.WorkflowId = ActionRequests.WorkflowIdOf(wanted, action.NominalAt.ToInstant());
        tx.Progress.Starting.Add(action);
        tx.Send(new WorkflowKey(tx.Key.NamespaceId, action.WorkflowId), new StoredMessage
        {
            StartScheduled = new StartScheduled { Request = ActionRequests.Of(tx, action).ToByteString(), IsAwaited = isAwaited },
        });
        return true;
    }

    private static void Stop(ScheduleTransaction tx, bool terminate)
    {
        foreach (var running in tx.Progress.Running)
        {
            if (running.IsTerminated || (running.IsCancelRequested && !terminate))
            {
                continue;
            }

            running.IsTerminated |= terminate;
            running.IsCancelRequested |= !terminate;
            tx.Send(new WorkflowKey(tx.Key.NamespaceId, running.WorkflowId), new StoredMessage
            {
                StopScheduled = new StopScheduled { FirstRunId = running.FirstRunId, Terminate = terminate, Identity = ActionRequests.IdentityOf(tx) },
            });
        }
    }
}
