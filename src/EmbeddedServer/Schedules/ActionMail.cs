using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>What workflows hear of schedules: that they are to start, or to make way for a later action.</summary>
internal sealed class ActionMail(
    IStore store, WorkflowTaskMachine workflowTasks, ExecutionCloser closer, CancelRecorder cancels, HistoryEngineOptions options, IIdSource ids)
{
    private const string CancelReason = "cancelled by schedule overlap policy";
    private const string TerminationReason = "terminated by schedule overlap policy";

    public IEnumerable<MailRow> Rows =>
    [
        new(StoredMessage.BodyOneofCase.StartScheduled, Start, Alone: true),
        new(StoredMessage.BodyOneofCase.StopScheduled, Stop),
    ];

    private void Start(MailRound round, StoredMessage message)
    {
        var from = message.From;
        var request = StartWorkflowExecutionRequest.Parser.ParseFrom(message.StartScheduled.Request);
        if (!CanStart(round, from, request))
        {
            round.Answer(from, new StoredMessage
            {
                ScheduledNotStarted = new ScheduledNotStarted { ScheduleRunId = from.RunId, RequestId = request.RequestId },
            });
            return;
        }

        var key = new ExecutionKey(round.Key.NamespaceId, round.Key.WorkflowId, ids.NewRunId());
        var run = request.ToNewRun(new NamespaceRef(from.NamespaceId, from.NamespaceName), key, request.RequestId, round.Now) with
        {
            ScheduledBy = message.StartScheduled.IsAwaited ? new WorkflowExecution { WorkflowId = from.WorkflowId, RunId = from.RunId } : null,
        };
        var tx = run.Begin(round.Now, options.CachedEventBytes);
        workflowTasks.ScheduleWorkflowTask(tx);
        round.Begin(tx);
        round.Answer(from, new StoredMessage
        {
            ScheduledStarted = new ScheduledStarted { ScheduleRunId = from.RunId, RequestId = request.RequestId, RunId = key.RunId },
        });
    }

    private void Stop(MailRound round, StoredMessage message)
    {
        var stop = message.StopScheduled;
        if (round.Current is not { IsOpen: true } state || state.Info.FirstExecutionRunId != stop.FirstRunId)
        {
            return;
        }

        var tx = round.Change(state);
        if (stop.Terminate)
        {
            closer.Terminate(tx, TerminationReason, null, stop.Identity, []);
        }
        else
        {
            cancels.Record(tx, new CancelRequest(CancelReason, stop.Identity, []));
        }
    }

    /// <summary>A namespace that was deleted goes on under another name until its workflows are gone; nothing begins in it any more.</summary>
    private bool CanStart(MailRound round, StoredSender from, StartWorkflowExecutionRequest request)
    {
        if (store.ReadNamespaces().FirstOrDefault(row => row.Id == from.NamespaceId) is { } row && row.Name != from.NamespaceName)
        {
            return false;
        }

        try
        {
            WorkflowIdPolicies.Decide(round.Current, request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, request.WorkflowIdConflictPolicy);
            return true;
        }
        catch (RefusalException refused) when (refused.Kind == RefusalKind.AlreadyExists)
        {
            return false;
        }
    }
}
