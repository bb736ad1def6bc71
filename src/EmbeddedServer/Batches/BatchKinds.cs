using System.Security.Cryptography;
using System.Text;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Case = Temporalio.Api.WorkflowService.V1.StartBatchOperationRequest.OperationOneofCase;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>One kind of batch operation: how it is called, who asks for it, and what it does to a workflow.</summary>
/// <param name="OnlyRunning">Whether a query finds running workflows only: closed ones have nothing to be done to.</param>
internal sealed record BatchKind(
    Case Case, BatchOperationType Type, Func<StartBatchOperationRequest, string> Identity, Func<BatchStep, Task> Act, bool OnlyRunning = true);

/// <summary>One workflow's turn.</summary>
internal sealed record BatchStep(HistoryEngine History, BatchState Batch, BatchTarget Target)
{
    public WorkflowExecution Execution => new() { WorkflowId = Target.WorkflowId, RunId = Target.RunId };

    /// <summary>The same however often the step is made, and however often the workflow is named: what it asks for is done once.</summary>
    public string RequestId { get; } = new Guid(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Batch.Key.NamespaceId}/{Batch.Key.JobId}/{Target.RunId}/{Target.WorkflowId}")).AsSpan(0, 16), bigEndian: true)
        .ToString("D");
}

/// <summary>Every kind of batch operation that there is.</summary>
internal static class BatchKinds
{
    /// <summary>Who terminates and cancels, as histories show it.</summary>
    private const string ServerIdentity = "history-service";

    private static readonly BatchKind[] All =
    [
        new(Case.TerminationOperation, BatchOperationType.TerminateWorkflow, request => request.TerminationOperation.Identity, TerminateAsync),
        new(Case.CancellationOperation, BatchOperationType.CancelWorkflow, request => request.CancellationOperation.Identity, CancelAsync),
        new(Case.SignalOperation, BatchOperationType.SignalWorkflow, request => request.SignalOperation.Identity, SignalAsync),
        new(Case.DeletionOperation, BatchOperationType.DeleteWorkflow, request => request.DeletionOperation.Identity, DeleteAsync, OnlyRunning: false),
        new(Case.ResetOperation, BatchOperationType.ResetWorkflow, request => request.ResetOperation.Identity, BatchResets.ResetAsync, OnlyRunning: false),
        new(
            Case.UpdateWorkflowOptionsOperation, BatchOperationType.UpdateWorkflowExecutionOptions,
            request => request.UpdateWorkflowOptionsOperation.Identity, UpdateOptionsAsync),
        new(
            Case.UnpauseActivitiesOperation, BatchOperationType.UnpauseActivity, request => request.UnpauseActivitiesOperation.Identity,
            BatchActivities.UnpauseAsync),
        new(Case.ResetActivitiesOperation, BatchOperationType.ResetActivity, request => request.ResetActivitiesOperation.Identity, BatchActivities.ResetAsync),
        new(
            Case.UpdateActivityOptionsOperation, BatchOperationType.UpdateActivityOptions, request => request.UpdateActivityOptionsOperation.Identity,
            BatchActivities.UpdateOptionsAsync),
    ];

    /// <summary>The request's kind; null when there is none of that name.</summary>
    public static BatchKind? Find(StartBatchOperationRequest request) => Array.Find(All, kind => kind.Case == request.OperationCase);

    private static Task TerminateAsync(BatchStep step) => step.History.Requests.TerminateAsync(step.Batch.Namespace, new TerminateWorkflowExecutionRequest
    {
        WorkflowExecution = step.Execution,
        Reason = step.Batch.Request.Reason,
        Identity = ServerIdentity,
    });

    private static Task CancelAsync(BatchStep step) => step.History.Requests.RequestCancelAsync(step.Batch.Namespace, new RequestCancelWorkflowExecutionRequest
    {
        WorkflowExecution = step.Execution,
        Identity = ServerIdentity,
        RequestId = step.RequestId,
    });

    /// <summary>The operation's header goes nowhere, as in the reference.</summary>
    private static Task SignalAsync(BatchStep step)
    {
        var operation = step.Batch.Request.SignalOperation;
        if (Encoding.UTF8.GetByteCount(operation.Signal) > BatchLimits.NameBytes)
        {
            throw Errors.InvalidArgument("SignalName length exceeds limit.");
        }

        return step.History.Requests.SignalAsync(step.Batch.Namespace, new SignalWorkflowExecutionRequest
        {
            WorkflowExecution = step.Execution,
            SignalName = operation.Signal,
            Input = operation.Input,
            Identity = operation.Identity,
            RequestId = step.RequestId,
        });
    }

    private static Task DeleteAsync(BatchStep step) => step.History.Requests.DeleteAsync(step.Batch.Namespace, new DeleteWorkflowExecutionRequest
    {
        WorkflowExecution = step.Execution,
    });

    private static Task UpdateOptionsAsync(BatchStep step)
    {
        var operation = step.Batch.Request.UpdateWorkflowOptionsOperation;
        ExecutionOptions.Check(operation.WorkflowExecutionOptions, operation.UpdateMask);
        return step.History.Requests.UpdateOptionsAsync(step.Batch.Namespace, new UpdateWorkflowExecutionOptionsRequest
        {
            WorkflowExecution = step.Execution,
            WorkflowExecutionOptions = operation.WorkflowExecutionOptions,
            UpdateMask = operation.UpdateMask,
            Identity = operation.Identity,
        });
    }
}
