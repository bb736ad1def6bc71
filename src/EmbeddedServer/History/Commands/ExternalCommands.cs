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
        if (attributes.Execution is not { } target)
        {
            throw new CommandFailedException(Bad, $"Execution is not set on {Name}.");
        }

        var ns = namespaces.Resolve(context.Namespace, attributes.Namespace);
        RequireTarget(Bad, Name, ns.Name, target.WorkflowId, target.RunId, $" SignalName={attributes.SignalName}");
        if (attributes.SignalName.Length == 0)
        {
            throw new CommandFailedException(
                Bad, $"SignalName is not set on {Name}. WorkflowId={target.WorkflowId} Namespace={ns.Name} RunId={target.RunId}");
        }

        limits.RequireBlob(attributes.Input, Bad, "SignalExternalWorkflowExecutionCommandAttributes.Input");
        RequireRoom(context, isSignal: true, WorkflowTaskFailedCause.PendingSignalsLimitExceeded, "pending signals to external workflows");
        var initiated = context.NewEvent(EventType.SignalExternalWorkflowExecutionInitiated, command);
        initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes = new SignalExternalWorkflowExecutionInitiatedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Namespace = ns.Name,
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
        RequireTarget(Bad, Name, ns.Name, attributes.WorkflowId, attributes.RunId, "");
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
            Namespace = ns.Name,
            NamespaceId = ns.Id,
            WorkflowExecution = target,
            Control = attributes.Control,
            ChildWorkflowOnly = attributes.ChildWorkflowOnly,
            Reason = attributes.Reason,
        };
        context.Tx.Fire(ExternalCallTransitions.Table, ExternalCallStatus.None, ExternalCallTrigger.InitiateCancel, new ExternalCallStep(context.Tx, initiated));
    }

    private void RequireTarget(WorkflowTaskFailedCause bad, string command, string ns, string workflowId, string runId, string more)
    {
        if (workflowId.Length == 0)
        {
            throw new CommandFailedException(bad, $"WorkflowId is not set on {command}. Namespace={ns} RunId={runId}{more}");
        }

        if (limits.IsTooLong(workflowId))
        {
            throw new CommandFailedException(
                bad, $"WorkflowId on {command} exceeds length limit. WorkflowId={workflowId} Length={workflowId.Length} Limit={limits.MaximumIdBytes}");
        }

        if (runId.Length > 0 && !Guid.TryParseExact(runId, "D", out _))
        {
            throw new CommandFailedException(bad, $"Invalid RunId set on {command}. WorkflowId={workflowId} Namespace={ns} RunId={runId}{more}");
        }
    }

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
