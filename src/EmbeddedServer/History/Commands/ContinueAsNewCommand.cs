using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>CONTINUE_AS_NEW_WORKFLOW_EXECUTION: what the command leaves out, the new run has from the old one.</summary>
internal sealed class ContinueAsNewCommand(CommandLimits limits, HistoryEngineOptions options, ExecutionCloser closer, RunChain chain, ISearchAttributeTypes types)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadContinueAsNewAttributes;

    public void Apply(CommandContext context, Command command)
    {
        context.RequireNothingUnseen();
        var attributes = CommandContext.Require(
            command.ContinueAsNewWorkflowExecutionCommandAttributes, "ContinueAsNewWorkflowExecutionCommandAttributes",
            "ContinueAsNewWorkflowExecutionCommand", Bad);
        var info = context.State.Info;
        var type = attributes.WorkflowType?.Name is { Length: > 0 } named ? named : info.WorkflowType;
        var queue = attributes.TaskQueue?.Name is { Length: > 0 } other ? other : info.TaskQueue;
        Validate(context, attributes, type, queue);
        var first = chain.FirstEvent(context.State);
        var runTimeout = attributes.WorkflowRunTimeout.ToSpan() is { Ticks: > 0 } run ? run : info.RunTimeout;
        var taskTimeout = attributes.WorkflowTaskTimeout.ToSpan() is { Ticks: > 0 } task ? task : info.WorkflowTaskTimeout;
        var successor = chain.Begin(context.Tx, chain.Same(context.Tx, first) with
        {
            WorkflowType = type,
            TaskQueue = queue,
            Input = attributes.Input,
            Header = attributes.Header,
            RunTimeout = runTimeout,
            WorkflowTaskTimeout = taskTimeout,
            RetryPolicy = attributes.RetryPolicy is null ? null : RetryRules.WithDefaults(attributes.RetryPolicy),
            CronSchedule = attributes.CronSchedule.Length > 0 ? attributes.CronSchedule : info.CronSchedule,
            Memo = attributes.Memo,
            SearchAttributes = Validated(context, attributes),
            Backoff = attributes.BackoffStartInterval.ToSpan(),
            Initiator = attributes.Initiator == ContinueAsNewInitiator.Unspecified ? ContinueAsNewInitiator.Workflow : attributes.Initiator,
            ContinuedFailure = attributes.Failure,
            LastCompletionResult = attributes.LastCompletionResult,
        });
        var continued = context.NewEvent(EventType.WorkflowExecutionContinuedAsNew, command);
        continued.WorkflowExecutionContinuedAsNewEventAttributes = new WorkflowExecutionContinuedAsNewEventAttributes
        {
            NewExecutionRunId = successor.State.Key.RunId,
            WorkflowType = new WorkflowType { Name = type },
            TaskQueue = new TaskQueue { Name = queue, Kind = TaskQueueKind.Normal },
            Input = attributes.Input,
            WorkflowRunTimeout = runTimeout.ToLimit(),
            WorkflowTaskTimeout = taskTimeout.ToLimit(),
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            BackoffStartInterval = attributes.BackoffStartInterval ?? TimeSpan.Zero.ToProto(),
            Initiator = attributes.Initiator,
            LastCompletionResult = attributes.LastCompletionResult,
            Header = attributes.Header,
            Memo = attributes.Memo,
            SearchAttributes = successor.State.SearchAttributes,
        };
        closer.CloseByCommand(context.Tx, ExecutionTrigger.ContinueAsNew, continued);
        context.Tx.Successor = successor;
    }

    private SearchAttributes? Validated(CommandContext context, ContinueAsNewWorkflowExecutionCommandAttributes attributes)
    {
        try
        {
            return SearchAttributeRules.ForStart(context.Namespace, attributes.SearchAttributes, types);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.BadSearchAttributes, refused.Message);
        }
    }

    private void Validate(CommandContext context, ContinueAsNewWorkflowExecutionCommandAttributes attributes, string type, string queue)
    {
        if (limits.IsTooLong(type))
        {
            throw new CommandFailedException(
                Bad, $"WorkflowType on ContinueAsNewWorkflowExecutionCommand exceeds length limit. Length={type.Length} Limit={limits.MaximumIdBytes}");
        }

        if (limits.IsTooLong(queue))
        {
            throw new CommandFailedException(Bad, $"taskQueue exceeds length limit. Length={queue.Length} Limit={limits.MaximumIdBytes}");
        }

        var where = $"WorkflowType={type} TaskQueue=name:\"{queue}\"  kind:TASK_QUEUE_KIND_NORMAL";
        RequireNotNegative(attributes.WorkflowRunTimeout.ToSpan(), "WorkflowRunTimeout", where);
        RequireNotNegative(attributes.WorkflowTaskTimeout.ToSpan(), "WorkflowTaskTimeout", where);
        RequireNotNegative(attributes.BackoffStartInterval.ToSpan(), "BackoffStartInterval", where);
        if (attributes.RetryPolicy is not null && RetryRules.Validate(RetryRules.WithDefaults(attributes.RetryPolicy)) is { } wrong)
        {
            throw new CommandFailedException(Bad, wrong);
        }

        limits.RequireBlob(attributes.Input, Bad, "ContinueAsNewWorkflowExecutionCommandAttributes. Input");
        limits.RequireSize(attributes.Memo?.CalculateSize() ?? 0, options.MaximumMemoBytes, Bad, "ContinueAsNewWorkflowExecutionCommandAttributes. Memo");
    }

    private static void RequireNotNegative(TimeSpan span, string name, string where)
    {
        if (span < TimeSpan.Zero)
        {
            throw new CommandFailedException(Bad, $"Invalid {name} on ContinueAsNewWorkflowExecutionCommand: negative duration. {where}");
        }
    }
}
