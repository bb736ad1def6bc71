using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>All that the first event of a run says: of one that somebody started, or of one that follows another in its chain.</summary>
internal sealed record NewRun
{
    public required ExecutionKey Key { get; init; }

    public required string NamespaceName { get; init; }

    public required string WorkflowType { get; init; }

    public required string TaskQueue { get; init; }

    public Payloads? Input { get; init; }

    public Header? Header { get; init; }

    public TimeSpan ExecutionTimeout { get; init; }

    public TimeSpan RunTimeout { get; init; }

    public bool TellsRunTimeout { get; init; }

    public TimeSpan WorkflowTaskTimeout { get; init; }

    public RetryPolicy? RetryPolicy { get; init; }

    public string CronSchedule { get; init; } = "";

    public Memo? Memo { get; init; }

    public SearchAttributes? SearchAttributes { get; init; }

    public required string RequestId { get; init; }

    public string Identity { get; init; } = "";

    public TimeSpan Backoff { get; init; }

    public int Attempt { get; init; } = 1;

    public ContinueAsNewInitiator Initiator { get; init; }

    public string ContinuedRunId { get; init; } = "";

    public Failure? ContinuedFailure { get; init; }

    public Payloads? LastCompletionResult { get; init; }

    /// <summary>Null for the first of a chain.</summary>
    public string? FirstExecutionRunId { get; init; }

    /// <summary>When the chain ends; for the first of a chain it follows from the timeout.</summary>
    public DateTimeOffset? ExecutionExpiration { get; init; }

    public string? ParentNamespaceId { get; init; }

    public string? ParentNamespaceName { get; init; }

    public WorkflowExecution? Parent { get; init; }

    public long ParentInitiatedEventId { get; init; }

    /// <summary>Whether it is a child whose parent has not recorded its start.</summary>
    public bool AwaitsParent { get; init; }

    public WorkflowExecution? Root { get; init; }

    /// <summary>The schedule that is to hear of the end of its chain.</summary>
    public WorkflowExecution? ScheduledBy { get; init; }

    public UserMetadata? UserMetadata { get; init; }

    public Priority? Priority { get; init; }

    public IEnumerable<Link> Links { get; init; } = [];

    public IEnumerable<Callback> CompletionCallbacks { get; init; } = [];

    public bool EagerAccepted { get; init; }

    /// <summary>Begins the run: its state, and its first event.</summary>
    public ExecutionTransaction Begin(DateTimeOffset now, int cachedEventBytes)
    {
        var runTimeout = TimeoutRules.RunTimeout(ExecutionTimeout, RunTimeout);
        var taskTimeout = TimeoutRules.WorkflowTaskTimeout(WorkflowTaskTimeout, runTimeout);
        var expiration = ExecutionExpiration ?? (ExecutionTimeout > TimeSpan.Zero ? now.Plus(ExecutionTimeout) : null);
        var runExpiration = runTimeout > TimeSpan.Zero ? Clock.Earliest(now.Plus(runTimeout).Plus(Backoff), expiration) : null;
        var info = new RunInfo
        {
            NamespaceName = NamespaceName,
            WorkflowType = WorkflowType,
            TaskQueue = TaskQueue,
            ExecutionTimeout = ExecutionTimeout,
            RunTimeout = runTimeout,
            TellsRunTimeout = TellsRunTimeout,
            WorkflowTaskTimeout = taskTimeout,
            StartTime = now,
            ExecutionTime = now.Plus(Backoff),
            ExecutionExpiration = expiration,
            RunExpiration = runExpiration,
            FirstExecutionRunId = FirstExecutionRunId ?? Key.RunId,
            OriginalExecutionRunId = Key.RunId,
            StartRequestId = RequestId,
            Attempt = Attempt,
            RetryPolicy = RetryPolicy,
            CronSchedule = CronSchedule,
            Initiator = Initiator,
            Priority = Priority,
            UserMetadata = UserMetadata,
            ParentNamespaceId = ParentNamespaceId,
            Parent = Parent,
            ParentInitiatedEventId = ParentInitiatedEventId,
            ScheduledBy = ScheduledBy,
            Root = Root ?? new WorkflowExecution { WorkflowId = Key.WorkflowId, RunId = Key.RunId },
        };
        var state = new ExecutionState(Key, info, cachedEventBytes)
        {
            AwaitsParent = AwaitsParent,
            Memo = MemoRules.ForStart(Memo) ?? new Memo(),
            SearchAttributes = SearchAttributes,
        };
        state.RequestIds[RequestId] = StoredRequestIdUse.Of(EventType.WorkflowExecutionStarted, 1);
        var tx = new ExecutionTransaction(state, now, isNew: true) { MakeCurrent = true };
        tx.Append(StartedEvent(tx, info));
        return tx;
    }

    private HistoryEvent StartedEvent(ExecutionTransaction tx, RunInfo info)
    {
        var started = tx.NewEvent(EventType.WorkflowExecutionStarted);
        started.UserMetadata = UserMetadata;
        started.Links.Add(Links);
        started.WorkflowExecutionStartedEventAttributes = new WorkflowExecutionStartedEventAttributes
        {
            WorkflowType = new WorkflowType { Name = WorkflowType },
            ParentWorkflowNamespace = ParentNamespaceName ?? "",
            ParentWorkflowNamespaceId = ParentNamespaceId ?? "",
            ParentWorkflowExecution = Parent,
            ParentInitiatedEventId = ParentInitiatedEventId,
            TaskQueue = new TaskQueue { Name = TaskQueue, Kind = TaskQueueKind.Normal },
            Input = Input,
            Header = Header,
            WorkflowExecutionTimeout = info.ExecutionTimeout.ToLimit(),
            WorkflowRunTimeout = info.ToldRunTimeout,
            WorkflowTaskTimeout = info.WorkflowTaskTimeout.ToLimit(),
            ContinuedExecutionRunId = ContinuedRunId,
            Initiator = Initiator,
            ContinuedFailure = ContinuedFailure,
            LastCompletionResult = LastCompletionResult,
            OriginalExecutionRunId = Key.RunId,
            Identity = Identity,
            FirstExecutionRunId = info.FirstExecutionRunId,
            RetryPolicy = RetryPolicy,
            Attempt = Attempt,
            WorkflowExecutionExpirationTime = info.ExecutionExpiration.ToProto(),
            CronSchedule = CronSchedule,
            FirstWorkflowTaskBackoff = ContinuedRunId.Length > 0 ? Backoff.ToLimit() : Backoff.ToProto(),
            Memo = MemoRules.ForStart(Memo),
            SearchAttributes = SearchAttributes is { IndexedFields.Count: > 0 } ? SearchAttributes : null,
            WorkflowId = Key.WorkflowId,
            RootWorkflowExecution = Root,
            Priority = Priority,
            EagerExecutionAccepted = EagerAccepted,
            CompletionCallbacks = { CompletionCallbacks },
        };
        return started;
    }
}
