using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>A request to cancel a run, from a client or from another workflow.</summary>
internal sealed record CancelRequest(
    string Reason, string Identity, IEnumerable<Link> Links, WorkflowExecution? Source = null, long SourceInitiatedEventId = 0);

/// <summary>Writes the first request to cancel a run, and wakes it even from the back-off before its first task.</summary>
internal sealed class CancelRecorder(WorkflowTaskMachine workflowTasks)
{
    /// <returns>Whether the request was the first.</returns>
    public bool Record(ExecutionTransaction tx, CancelRequest request)
    {
        var requested = tx.NewEvent(EventType.WorkflowExecutionCancelRequested);
        requested.Links.Add(request.Links);
        requested.WorkflowExecutionCancelRequestedEventAttributes = new WorkflowExecutionCancelRequestedEventAttributes
        {
            Cause = request.Reason,
            Identity = request.Identity,
            ExternalInitiatedEventId = request.SourceInitiatedEventId,
            ExternalWorkflowExecution = request.Source,
        };
        var before = tx.State.CancelRequested ? CancelRequestStatus.Requested : CancelRequestStatus.NotRequested;
        tx.Fire(CancelRequestTransitions.Table, before, CancelRequestTrigger.Request, new CancelRequestStep(tx, requested));
        if (before == CancelRequestStatus.Requested)
        {
            return false;
        }

        workflowTasks.ScheduleWorkflowTask(tx, endBackoff: true);
        return true;
    }
}
