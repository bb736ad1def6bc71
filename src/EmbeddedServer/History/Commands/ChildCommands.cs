using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

#pragma warning disable CS0612 // Workers still send the namespace and the control field.

/// <summary>START_CHILD_WORKFLOW_EXECUTION: what the command leaves out, the child has from its parent or by default.</summary>
internal sealed class ChildCommands(ChildCommandRules rules, CommandLimits limits, NamespaceLookup namespaces, HistoryEngineOptions options)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadStartChildExecutionAttributes;
    private const string Attributes = "StartChildWorkflowExecutionCommandAttributes";

    public void Start(CommandContext context, Command command)
    {
        var attributes = CommandContext.Require(
            command.StartChildWorkflowExecutionCommandAttributes, Attributes, "StartChildWorkflowExecutionCommand", Bad);
        var ns = namespaces.Resolve(context.Namespace, attributes.Namespace);
        attributes.Namespace = ns.Name;
        rules.CheckNames(attributes, ns);
        namespaces.RequireReach(context.Namespace, ns, Bad);
        rules.Check(context, attributes, ns);
        if (attributes.InheritBuildId && attributes.TaskQueue?.Name is { Length: > 0 } queue && queue != context.State.Info.TaskQueue)
        {
            throw new CommandFailedException(Bad, "StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.");
        }

        limits.RequireBlob(attributes.Input, Bad, $"{Attributes}. Input");
        limits.RequireSize(attributes.Memo?.CalculateSize() ?? 0, options.MaximumMemoBytes, Bad, $"{Attributes}.Memo");
        CommandLimits.RequireSearchAttributes(attributes.SearchAttributes, Bad);
        RequireRoom(context);
        var initiated = context.NewEvent(EventType.StartChildWorkflowExecutionInitiated, command);
        initiated.StartChildWorkflowExecutionInitiatedEventAttributes = EventOf(context, attributes, ns);
        context.Tx.Fire(ChildTransitions.Table, ChildStatus.None, ChildTrigger.Initiate, new ChildStep(context.Tx, initiated));
        context.InitiatedChildren.Add(attributes.WorkflowId);
    }

    private void RequireRoom(CommandContext context)
    {
        var pending = context.State.Children.Count;
        if (pending >= options.MaximumPendingChildren)
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.PendingChildWorkflowsLimitExceeded,
                $"the number of pending child workflow executions, {pending}, has reached the per-workflow limit of {options.MaximumPendingChildren}");
        }
    }

    private StartChildWorkflowExecutionInitiatedEventAttributes EventOf(
        CommandContext context, StartChildWorkflowExecutionCommandAttributes attributes, NamespaceRef ns)
    {
        var runTimeout = TimeoutRules.RunTimeout(attributes.WorkflowExecutionTimeout.ToSpan(), attributes.WorkflowRunTimeout.ToSpan());
        return new StartChildWorkflowExecutionInitiatedEventAttributes
        {
            Namespace = ns.Name,
            NamespaceId = ns.Id,
            WorkflowId = attributes.WorkflowId,
            WorkflowType = attributes.WorkflowType,
            TaskQueue = new TaskQueue
            {
                Name = attributes.TaskQueue?.Name is { Length: > 0 } queue ? queue : context.State.Info.TaskQueue,
                Kind = TaskQueueKind.Normal,
            },
            Input = attributes.Input,
            WorkflowExecutionTimeout = attributes.WorkflowExecutionTimeout,
            WorkflowRunTimeout = runTimeout.ToProto(),
            WorkflowTaskTimeout = TimeoutRules.WorkflowTaskTimeout(attributes.WorkflowTaskTimeout.ToSpan(), runTimeout).ToProto(),
            ParentClosePolicy = attributes.ParentClosePolicy == ParentClosePolicy.Unspecified ? ParentClosePolicy.Terminate : attributes.ParentClosePolicy,
            Control = attributes.Control,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            WorkflowIdReusePolicy = attributes.WorkflowIdReusePolicy == WorkflowIdReusePolicy.Unspecified
                ? WorkflowIdReusePolicy.AllowDuplicate
                : attributes.WorkflowIdReusePolicy,
            RetryPolicy = attributes.RetryPolicy is null ? null : RetryRules.WithDefaults(attributes.RetryPolicy),
            CronSchedule = attributes.CronSchedule,
            Header = attributes.Header,
            Memo = MemoRules.ForStart(attributes.Memo),
            SearchAttributes = rules.SearchAttributesOf(attributes, ns),
            InheritBuildId = attributes.InheritBuildId,
            Priority = attributes.Priority,
        };
    }
}
