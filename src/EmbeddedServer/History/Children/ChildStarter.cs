using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>
/// Starts children, where they are to run. What stands in the way is the answer to their parent. For a parent that has closed none is started, whatever was to
/// become of it.
/// </summary>
internal sealed class ChildStarter(
    IStore store, WorkflowTaskMachine workflowTasks, RunReplacement replacement, HistoryEngineOptions options, IIdSource ids)
{
    public IEnumerable<MailRow> Rows => [new(StoredMessage.BodyOneofCase.StartChild, Start, Alone: true)];

    private void Start(MailRound round, StoredMessage message)
    {
        var parent = message.From;
        var initiated = HistoryEvent.Parser.ParseFrom(message.StartChild.Initiated);
        var wanted = initiated.StartChildWorkflowExecutionInitiatedEventAttributes;
        if (!IsAwaited(round, parent, initiated.EventId))
        {
            return;
        }

        if (TryBegin(round, message, initiated, out var cause) is { } child)
        {
            round.Answer(parent, new StoredMessage
            {
                ChildStarted = new ChildStarted
                {
                    RunId = parent.RunId,
                    InitiatedEventId = initiated.EventId,
                    ChildRunId = child.State.Key.RunId,
                    Header = wanted.Header?.ToByteString() ?? ByteString.Empty,
                },
            });
        }
        else
        {
            round.Answer(parent, new StoredMessage
            {
                ChildNotStarted = new ChildNotStarted { RunId = parent.RunId, InitiatedEventId = initiated.EventId, Cause = (int)cause },
            });
        }
    }

    /// <summary>Whether there is an open run to record its start: the one that asked for it, or what a reset made of that meanwhile.</summary>
    private bool IsAwaited(MailRound round, StoredSender parent, long initiatedEventId)
    {
        var key = new ExecutionKey(parent.NamespaceId, parent.WorkflowId, parent.RunId);
        while (round.FindElsewhere(key) is { } row)
        {
            if (row.Status == WorkflowExecutionStatus.Running)
            {
                return key.RunId == parent.RunId || HasChildOf(key, parent.RunId, initiatedEventId);
            }

            key = key with { RunId = ExecutionState.ResetRunIdOf(row) };
            if (key.RunId.Length == 0)
            {
                break;
            }
        }

        return false;
    }

    /// <summary>Whether a run still waits for what a run before a reset has asked for.</summary>
    private bool HasChildOf(ExecutionKey key, string requester, long initiatedEventId) => store.ReadPending(key)
        .Where(row => row.Key.Kind == PendingKind.Child)
        .Select(row => ChildState.FromBytes(row.State))
        .Any(child => child.InitiatedEventId == initiatedEventId && child.AwaitsStartBy(requester, key));

    private ExecutionTransaction? TryBegin(
        MailRound round, StoredMessage message, HistoryEvent initiated, out StartChildWorkflowExecutionFailedCause cause)
    {
        cause = StartChildWorkflowExecutionFailedCause.Unspecified;
        var wanted = initiated.StartChildWorkflowExecutionInitiatedEventAttributes;
        if (IsGone(wanted))
        {
            cause = StartChildWorkflowExecutionFailedCause.NamespaceNotFound;
            return null;
        }

        StartDecision decision;
        try
        {
            decision = WorkflowIdPolicies.Decide(
                round.Current, wanted.WorkflowIdReusePolicy, WorkflowIdConflictPolicy.Unspecified, WorkflowIdConflictPolicy.Fail);
        }
        catch (RefusalException refused) when (refused.Kind == RefusalKind.AlreadyExists)
        {
            cause = StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists;
            return null;
        }

        var child = RunOf(round, message, initiated).Begin(round.Now, options.CachedEventBytes);
        if (decision == StartDecision.TerminateExisting)
        {
            replacement.Terminate(round.Change(round.Current!), child);
        }

        workflowTasks.ScheduleWorkflowTask(child);
        round.Begin(child);
        return child;
    }

    /// <summary>A deleted namespace goes on under another name until its workflows are gone.</summary>
    private bool IsGone(StartChildWorkflowExecutionInitiatedEventAttributes wanted) =>
        store.ReadNamespaces().FirstOrDefault(row => row.Id == wanted.NamespaceId) is { } row && row.Name != wanted.Namespace;

    /// <param name="round">Where it is started.</param>
    /// <param name="message">Who wants it.</param>
    /// <param name="initiated">What is wanted.</param>
    private NewRun RunOf(MailRound round, StoredMessage message, HistoryEvent initiated)
    {
        var wanted = initiated.StartChildWorkflowExecutionInitiatedEventAttributes;
        var parent = message.From;
        var request = message.StartChild;
        return new NewRun
        {
            Key = new ExecutionKey(wanted.NamespaceId, wanted.WorkflowId, ids.NewRunId()),
            NamespaceName = wanted.Namespace,
            WorkflowType = wanted.WorkflowType.Name,
            TaskQueue = wanted.TaskQueue.Name,
            Input = wanted.Input,
            Header = wanted.Header,
            ExecutionTimeout = wanted.WorkflowExecutionTimeout.ToSpan(),
            RunTimeout = wanted.WorkflowRunTimeout.ToSpan(),
            TellsRunTimeout = true,
            WorkflowTaskTimeout = wanted.WorkflowTaskTimeout.ToSpan(),
            RetryPolicy = wanted.RetryPolicy,
            CronSchedule = wanted.CronSchedule,
            Initiator = StartRequests.InitiatorOf(wanted.CronSchedule),
            Backoff = StartRequests.BackoffOf(wanted.CronSchedule, TimeSpan.Zero, round.Now),
            Memo = wanted.Memo,
            SearchAttributes = wanted.SearchAttributes,

            // The reference's way to name the request that a parent's event makes.
            RequestId = $"{parent.RunId}:{initiated.EventId}:0",
            ParentNamespaceId = parent.NamespaceId,
            ParentNamespaceName = parent.NamespaceName,
            Parent = new WorkflowExecution { WorkflowId = parent.WorkflowId, RunId = parent.RunId },
            ParentInitiatedEventId = initiated.EventId,
            AwaitsParent = true,
            Root = new WorkflowExecution { WorkflowId = request.RootWorkflowId, RunId = request.RootRunId },
            UserMetadata = initiated.UserMetadata,
            Priority = Merge(request.ParentPriority, wanted.Priority),
        };
    }

    /// <summary>What a child leaves open of its priority, it has from its parent.</summary>
    private static Priority? Merge(ByteString parents, Priority? own)
    {
        if (parents.IsEmpty)
        {
            return own;
        }

        var merged = Priority.Parser.ParseFrom(parents);
        merged.MergeFrom(own ?? new Priority());
        return merged;
    }
}
