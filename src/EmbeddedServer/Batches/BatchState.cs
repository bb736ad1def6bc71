using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>A batch operation: what was asked for, and how far it has come.</summary>
internal sealed class BatchState(BatchKey key, StoredBatchDefinition definition, StoredBatchProgress progress)
{
    public BatchKey Key { get; } = key;

    public StoredBatchDefinition Definition { get; } = definition;

    public StoredBatchProgress Progress { get; } = progress;

    public StartBatchOperationRequest Request { get; } = StartBatchOperationRequest.Parser.ParseFrom(definition.Request);

    public bool IsRunning => State == BatchOperationState.Running;

    public NamespaceRef Namespace => new(Key.NamespaceId, Definition.NamespaceName);

    /// <summary>Always the same for the same operation, as is what it was started by.</summary>
    public string RunId { get; } = IdOf($"{key.NamespaceId}/{key.JobId}/{definition.StartedAt}");

    public string StartRequestId { get; } = IdOf($"{key.NamespaceId}/{key.JobId}/{definition.StartedAt}/start");

    private BatchOperationState State => (BatchOperationState)Progress.State;

    private BatchOperationType Type => BatchKinds.Find(Request)!.Type;

    public static BatchState Read(BatchRow row) =>
        new(row.Key, StoredBatchDefinition.Parser.ParseFrom(row.Definition), StoredBatchProgress.Parser.ParseFrom(row.Progress));

    public void Close(BatchOperationState state, DateTimeOffset now)
    {
        Progress.State = (int)state;
        Progress.ClosedAt = now.ToTicks();
    }

    public BatchWrite ToWrite() => new() { Key = Key, Progress = Progress.ToByteArray(), IsRunning = IsRunning };

    public DescribeBatchOperationResponse Describe() => new()
    {
        OperationType = Type,
        JobId = Key.JobId,
        State = State,
        StartTime = StartTime,
        CloseTime = CloseTime,
        TotalOperationCount = Progress.TotalCount,
        CompleteOperationCount = Progress.CompleteCount,
        FailureOperationCount = Progress.FailureCount,
        Identity = BatchKinds.Find(Request)!.Identity(Request),
        Reason = Request.Reason,
        Query = Request.VisibilityQuery,
        Executions = { BatchTargets.Named(Request).Select(one => new Execution { Type = ExecutionType.Workflow, BusinessId = one.WorkflowId, RunId = one.RunId }) },
    };

    public BatchOperationInfo Info() => new() { JobId = Key.JobId, State = State, StartTime = StartTime, CloseTime = CloseTime, OperationType = Type };

    private static string IdOf(string text) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true).ToString("D");

    private Timestamp StartTime => Definition.StartedAt.ToInstant().ToProto();

    private Timestamp? CloseTime => Progress.ClosedAt.ToOptionalInstant().ToProto();
}

/// <summary>The workflows that a request names.</summary>
internal static class BatchTargets
{
    public static IReadOnlyList<(string WorkflowId, string RunId)> Named(StartBatchOperationRequest request) =>
    [
#pragma warning disable CS0612 // Clients name them so.
        .. request.Executions.Select(one => (one.WorkflowId, one.RunId)),
#pragma warning restore CS0612
        .. request.TargetExecutions.Select(one => (one.BusinessId, one.RunId)),
    ];
}
