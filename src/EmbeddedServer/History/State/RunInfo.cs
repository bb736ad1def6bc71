using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>What a run is born with. It never changes; input and header stay in event 1.</summary>
internal sealed record RunInfo
{
    public required string NamespaceName { get; init; }

    public required string WorkflowType { get; init; }

    public required string TaskQueue { get; init; }

    public required TimeSpan ExecutionTimeout { get; init; }

    public required TimeSpan RunTimeout { get; init; }

    public required TimeSpan WorkflowTaskTimeout { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    /// <summary>When its first workflow task is due: the start time plus the back-off before it.</summary>
    public required DateTimeOffset ExecutionTime { get; init; }

    public DateTimeOffset? ExecutionExpiration { get; init; }

    public DateTimeOffset? RunExpiration { get; init; }

    public required string FirstExecutionRunId { get; init; }

    /// <summary>The run id as event 1 has it; unlike the run's own it survives a reset.</summary>
    public required string OriginalExecutionRunId { get; init; }

    public required string StartRequestId { get; init; }

    public int Attempt { get; init; } = 1;

    public RetryPolicy? RetryPolicy { get; init; }

    public string CronSchedule { get; init; } = "";

    public ContinueAsNewInitiator Initiator { get; init; }

    public Priority? Priority { get; init; }

    public UserMetadata? UserMetadata { get; init; }

    public string? ParentNamespaceId { get; init; }

    public WorkflowExecution? Parent { get; init; }

    public required WorkflowExecution Root { get; init; }

    public bool HasBackoff => ExecutionTime > StartTime;

    public void Write(BlobWriter to)
    {
        to.Text(NamespaceName);
        to.Text(WorkflowType);
        to.Text(TaskQueue);
        to.Span(ExecutionTimeout);
        to.Span(RunTimeout);
        to.Span(WorkflowTaskTimeout);
        to.Time(StartTime);
        to.Time(ExecutionTime);
        to.OptionalTime(ExecutionExpiration);
        to.OptionalTime(RunExpiration);
        to.Text(FirstExecutionRunId);
        to.Text(OriginalExecutionRunId);
        to.Text(StartRequestId);
        to.Int(Attempt);
        to.Message(RetryPolicy);
        to.Text(CronSchedule);
        to.Int((int)Initiator);
        to.Message(Priority);
        to.Message(UserMetadata);
        to.OptionalText(ParentNamespaceId);
        to.Message(Parent);
        to.Message(Root);
    }

    public static RunInfo Read(ref BlobReader from) => new()
    {
        NamespaceName = from.Text(),
        WorkflowType = from.Text(),
        TaskQueue = from.Text(),
        ExecutionTimeout = from.Span(),
        RunTimeout = from.Span(),
        WorkflowTaskTimeout = from.Span(),
        StartTime = from.Time(),
        ExecutionTime = from.Time(),
        ExecutionExpiration = from.OptionalTime(),
        RunExpiration = from.OptionalTime(),
        FirstExecutionRunId = from.Text(),
        OriginalExecutionRunId = from.Text(),
        StartRequestId = from.Text(),
        Attempt = from.Int(),
        RetryPolicy = from.Message(RetryPolicy.Parser),
        CronSchedule = from.Text(),
        Initiator = (ContinueAsNewInitiator)from.Int(),
        Priority = from.Message(Priority.Parser),
        UserMetadata = from.Message(UserMetadata.Parser),
        ParentNamespaceId = from.OptionalText(),
        Parent = from.Message(WorkflowExecution.Parser),
        Root = from.Message(WorkflowExecution.Parser)!,
    };
}
