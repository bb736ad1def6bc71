using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>What clients ask of runs: signal, request cancel, terminate, delete.</summary>
internal sealed class ExecutionRequests(
    ExecutionRunner runner, SignalRecorder signals, CancelRecorder cancels, WorkflowTaskMachine workflowTasks, ExecutionCloser closer)
{
    private const string DefaultTerminationReason = "terminated by user via frontend";
    private const string DefaultTerminationIdentity = "frontend-service";
    private const string DeletionReason = "Delete workflow execution";

    public async Task<SignalWorkflowExecutionResponse> SignalAsync(NamespaceRef ns, SignalWorkflowExecutionRequest request)
    {
        using var lease = await runner.LeaseAsync(ns.Id, request.WorkflowExecution.WorkflowId).ConfigureAwait(false);
        var state = ExecutionRunner.Load(lease, request.WorkflowExecution.WorkflowId, request.WorkflowExecution.RunId);

        // One that is known is told again, be it after the end.
        if (!SignalRecorder.Knows(state, request.RequestId))
        {
            RequireOpen(state);
            SignalRecorder.RequireStaysOpen(state);
        }

        return await runner.UpdateAsync(lease, state, tx =>
        {
            if (signals.Record(tx, new Signal(request.SignalName, request.Input, request.Header, request.Identity, request.RequestId, request.Links)))
            {
                workflowTasks.ScheduleWorkflowTask(tx);
            }

            return new SignalWorkflowExecutionResponse
            {
                Link = Links.ToRequest(ns.Name, tx.State.Key, request.RequestId, EventType.WorkflowExecutionSignaled),
            };
        }).ConfigureAwait(false);
    }

    public Task RequestCancelAsync(NamespaceRef ns, RequestCancelWorkflowExecutionRequest request) =>
        runner.UpdateAsync(ns, request.WorkflowExecution.WorkflowId, RunOf(request.WorkflowExecution, request.FirstExecutionRunId), tx =>
        {
            if (!tx.State.IsOpen)
            {
                return false;
            }

            RequireChain(tx.State, request.FirstExecutionRunId);

            return cancels.Record(tx, new CancelRequest(request.Reason, request.Identity, request.Links));
        });

    public async Task TerminateAsync(NamespaceRef ns, TerminateWorkflowExecutionRequest request)
    {
        using var lease = await runner.LeaseAsync(ns.Id, request.WorkflowExecution.WorkflowId).ConfigureAwait(false);
        var state = ExecutionRunner.Load(lease, request.WorkflowExecution.WorkflowId, RunOf(request.WorkflowExecution, request.FirstExecutionRunId));
        RequireOpen(state);
        RequireChain(state, request.FirstExecutionRunId);
        var reason = request.Reason.Length > 0 ? request.Reason : DefaultTerminationReason;
        var identity = request.Identity.Length > 0 ? request.Identity : DefaultTerminationIdentity;
        await runner.UpdateAsync(lease, state, tx =>
        {
            closer.Terminate(tx, reason, request.Details, identity, request.Links);
            return true;
        }).ConfigureAwait(false);
    }

    public Task<UpdateWorkflowExecutionOptionsResponse> UpdateOptionsAsync(NamespaceRef ns, UpdateWorkflowExecutionOptionsRequest request) =>
        runner.UpdateAsync(ns, request.WorkflowExecution.WorkflowId, request.WorkflowExecution.RunId, tx =>
        {
            RequireOpen(tx.State);
            return new UpdateWorkflowExecutionOptionsResponse
            {
                WorkflowExecutionOptions = ExecutionOptions.Apply(tx, request.WorkflowExecutionOptions, request.UpdateMask, request.Identity),
            };
        });

    /// <summary>A running one is terminated first, so that whoever waits for its end is told.</summary>
    public async Task DeleteAsync(NamespaceRef ns, DeleteWorkflowExecutionRequest request)
    {
        using var lease = await runner.LeaseAsync(ns.Id, request.WorkflowExecution.WorkflowId).ConfigureAwait(false);
        var state = ExecutionRunner.Load(lease, request.WorkflowExecution.WorkflowId, request.WorkflowExecution.RunId);
        if (state.IsOpen)
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                closer.Terminate(tx, DeletionReason, null, WorkflowTaskMachine.ServerIdentity, []);
                return true;
            }).ConfigureAwait(false);
        }

        await runner.DeleteAsync(lease, state).ConfigureAwait(false);
    }

    private void RequireOpen(ExecutionState state)
    {
        if (!state.IsOpen)
        {
            runner.ForgetUnseen(state.Key);
            throw Errors.AlreadyClosed();
        }
    }

    /// <summary>Whoever names a chain means its run of now.</summary>
    private static string RunOf(WorkflowExecution execution, string firstExecutionRunId) => firstExecutionRunId.Length > 0 ? "" : execution.RunId;

    private static void RequireChain(ExecutionState state, string firstExecutionRunId)
    {
        if (firstExecutionRunId.Length > 0 && firstExecutionRunId != state.Info.FirstExecutionRunId)
        {
            throw Errors.WrongChain();
        }
    }
}
