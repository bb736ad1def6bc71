using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

internal enum StartDecision
{
    Start,
    UseExisting,
    TerminateExisting,
}

/// <summary>Whether a workflow id that was used before may be used again.</summary>
internal static class WorkflowIdPolicies
{
    /// <exception cref="RefusalException">ALREADY_EXISTS: the policies forbid it.</exception>
    public static StartDecision Decide(
        ExecutionState? current, WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, WorkflowIdConflictPolicy defaultConflict)
    {
        if (current is null)
        {
            return StartDecision.Start;
        }

        if (conflict == WorkflowIdConflictPolicy.Unspecified)
        {
            conflict = TerminatesRunning(reuse) ? WorkflowIdConflictPolicy.TerminateExisting : defaultConflict;
        }

        return current.IsOpen ? DecideOpen(current, conflict) : DecideClosed(current, reuse);
    }

    private static StartDecision DecideOpen(ExecutionState current, WorkflowIdConflictPolicy conflict) => conflict switch
    {
        WorkflowIdConflictPolicy.UseExisting => StartDecision.UseExisting,
        WorkflowIdConflictPolicy.TerminateExisting => StartDecision.TerminateExisting,
        _ => throw Refuse(current, $"Workflow execution is already running. {Name(current)}."),
    };

    private static StartDecision DecideClosed(ExecutionState current, WorkflowIdReusePolicy reuse)
    {
        if (reuse == WorkflowIdReusePolicy.RejectDuplicate)
        {
            throw Refuse(current, $"Workflow execution already finished. {Name(current)}. Workflow Id reuse policy: reject duplicate workflow Id.");
        }

        var failed = current.Status is WorkflowExecutionStatus.Failed or WorkflowExecutionStatus.Canceled
            or WorkflowExecutionStatus.Terminated or WorkflowExecutionStatus.TimedOut;
        if (reuse == WorkflowIdReusePolicy.AllowDuplicateFailedOnly && !failed)
        {
            throw Refuse(
                current,
                $"Workflow execution already finished successfully. {Name(current)}. Workflow Id reuse policy: allow duplicate workflow Id if last run failed.");
        }

        return StartDecision.Start;
    }

#pragma warning disable CS0612 // The old way to say TERMINATE_EXISTING is still taken.
    private static bool TerminatesRunning(WorkflowIdReusePolicy reuse) => reuse == WorkflowIdReusePolicy.TerminateIfRunning;
#pragma warning restore CS0612

    private static string Name(ExecutionState current) => $"WorkflowId: {current.Key.WorkflowId}, RunId: {current.Key.RunId}";

    private static RefusalException Refuse(ExecutionState current, string message) =>
        Errors.AlreadyStarted(message, current.Info.StartRequestId, current.Key.RunId, current.Info.FirstExecutionRunId);
}
