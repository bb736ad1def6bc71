using System.Text;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Commands;

#pragma warning disable CS0612 // Workers still send the namespace and the control field.

/// <summary>SIGNAL_EXTERNAL_WORKFLOW_EXECUTION and REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION.</summary>
internal sealed class ExternalCommands(CommandLimits limits, HistoryEngineOptions options, NamespaceLookup namespaces, IIdSource ids)
{
    public void Signal(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadSignalWorkflowExecutionAttributes;
        const string Name = "SignalExternalWorkflowExecutionCommand";
        var attributes = CommandContext.Require(
            command.SignalExternalWorkflowExecutionCommandAttributes, "SignalExternalWorkflowExecutionCommandAttributes", Name, Bad);
        var ns = namespaces.Resolve(context.Namespace, attributes.Namespace);
        if (attributes.Execution is not { } target)
        {
            throw new CommandFailedException(Bad, $"Execution is not set on {Name}.");
        }

        namespaces.RequireReach(context.Namespace, ns, Bad);
        CheckSignalTarget(attributes, target);
        RequireRoom(context, isSignal: true, WorkflowTaskFailedCause.PendingSignalsLimitExceeded, "pending signals to external workflows");
        limits.RequireBlob(attributes.Input, Bad, "SignalExternalWorkflowExecutionCommandAttributes.Input");
        var initiated = context.NewEvent(EventType.SignalExternalWorkflowExecutionInitiated, command);
        initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes = new SignalExternalWorkflowExecutionInitiatedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Namespace = attributes.Namespace,
            NamespaceId = ns.Id,
            WorkflowExecution = new WorkflowExecution { WorkflowId = target.WorkflowId, RunId = target.RunId },
            SignalName = attributes.SignalName,
            Input = attributes.Input,
            Control = attributes.Control,
            ChildWorkflowOnly = attributes.ChildWorkflowOnly,
            Header = attributes.Header,
        };
        context.Tx.Fire(ExternalCallTransitions.Table, ExternalCallStatus.None, ExternalCallTrigger.InitiateSignal, new ExternalCallStep(context.Tx, initiated) { RequestId = ids.NewId() });
    }

    public void RequestCancel(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadRequestCancelExternalWorkflowExecutionAttributes;
        const string Name = "RequestCancelExternalWorkflowExecutionCommand";
        var attributes = CommandContext.Require(
            command.RequestCancelExternalWorkflowExecutionCommandAttributes, "RequestCancelExternalWorkflowExecutionCommandAttributes", Name, Bad);
        var ns = namespaces.Resolve(context.Namespace, attributes.Namespace);
        namespaces.RequireReach(context.Namespace, ns, Bad);
        CheckCancelTarget(attributes);
        if (context.InitiatedChildren.Contains(attributes.WorkflowId))
        {
            throw new CommandFailedException(
                Bad,
                "Start and RequestCancel for child workflow is not allowed in same workflow task. "
                    + $"WorkflowId={attributes.WorkflowId} RunId={attributes.RunId} Namespace={attributes.Namespace}");
        }

        RequireRoom(context, isSignal: false, WorkflowTaskFailedCause.PendingRequestCancelLimitExceeded, "pending requests to cancel external workflows");
        var target = new WorkflowExecution { WorkflowId = attributes.WorkflowId, RunId = attributes.RunId };
        var initiated = context.NewEvent(EventType.RequestCancelExternalWorkflowExecutionInitiated, command);
        initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes = new RequestCancelExternalWorkflowExecutionInitiatedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Namespace = attributes.Namespace,
            NamespaceId = ns.Id,
            WorkflowExecution = target,
            Control = attributes.Control,
            ChildWorkflowOnly = attributes.ChildWorkflowOnly,
            Reason = attributes.Reason,
        };
        context.Tx.Fire(ExternalCallTransitions.Table, ExternalCallStatus.None, ExternalCallTrigger.InitiateCancel, new ExternalCallStep(context.Tx, initiated));
    }

    private void CheckSignalTarget(SignalExternalWorkflowExecutionCommandAttributes attributes, WorkflowExecution target)
    {
        const string Name = "SignalExternalWorkflowExecutionCommand";
        var (id, ns, run) = (target.WorkflowId, attributes.Namespace, target.RunId);
        var where = $"Namespace={ns} RunId={run} SignalName={attributes.SignalName}";
        if ((id.Length == 0 ? $"WorkflowId is not set on {Name}. {where}"
            : limits.IsTooLong(id) ? $"WorkflowId on {Name} exceeds length limit. WorkflowId={id} {LengthOf(id)} {where}"
            : IsNoRun(run) ? $"Invalid RunId set on {Name}. WorkflowId={id} {where}"
            : attributes.SignalName.Length == 0 ? $"SignalName is not set on {Name}. WorkflowId={id} Namespace={ns} RunId={run}"
            : null) is { } fault)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.BadSignalWorkflowExecutionAttributes, fault);
        }
    }

    private void CheckCancelTarget(RequestCancelExternalWorkflowExecutionCommandAttributes attributes)
    {
        const string Name = "RequestCancelExternalWorkflowExecutionCommand";
        var (id, ns, run) = (attributes.WorkflowId, attributes.Namespace, attributes.RunId);
        if ((id.Length == 0 ? $"WorkflowId is not set on {Name}. Namespace={ns} RunId={run}"
            : limits.IsTooLong(id) ? $"WorkflowId on {Name} exceeds length limit. WorkflowId={id} {LengthOf(id)} RunId={run} Namespace={ns}"
            : IsNoRun(run) ? $"Invalid RunId set on {Name}. WorkflowId={id} RunId={run} Namespace={ns}"
            : null) is { } fault)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.BadRequestCancelExternalWorkflowExecutionAttributes, fault);
        }
    }

    private string LengthOf(string id) => $"Length={Encoding.UTF8.GetByteCount(id)} Limit={limits.MaximumIdBytes}";

    private static bool IsNoRun(string runId) => runId.Length > 0 && !Guid.TryParseExact(runId, "D", out _);

    private void RequireRoom(CommandContext context, bool isSignal, WorkflowTaskFailedCause cause, string what)
    {
        var pending = context.State.ExternalCalls.Values.Count(call => call.IsSignal == isSignal);
        if (pending >= options.MaximumPendingExternalCalls)
        {
            throw new CommandFailedException(
                cause, $"the number of {what}, {pending}, has reached the per-workflow limit of {options.MaximumPendingExternalCalls}");
        }
    }
}
