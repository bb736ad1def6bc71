using System.Text;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>CONTINUE_AS_NEW_WORKFLOW_EXECUTION: type, queue and timeouts that the command leaves out, the new run has from the old one.</summary>
internal sealed class ContinueAsNewCommand(CommandLimits limits, HistoryEngineOptions options, ExecutionCloser closer, RunChain chain, ISearchAttributeTypes types)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadContinueAsNewAttributes;
    private const string Name = "ContinueAsNewWorkflowExecutionCommand";

    public void Apply(CommandContext context, Command command)
    {
        context.RequireNothingUnseen();
        var attributes = CommandContext.Require(
            command.ContinueAsNewWorkflowExecutionCommandAttributes, "ContinueAsNewWorkflowExecutionCommandAttributes",
            Name, Bad);
        var info = context.State.Info;
        var type = attributes.WorkflowType?.Name is { Length: > 0 } named ? named : info.WorkflowType;
        var queue = attributes.TaskQueue?.Name is { Length: > 0 } other ? other : info.TaskQueue;
        var searchAttributes = Validate(context, attributes, type, info.TaskQueue);
        var first = chain.FirstEvent(context.State);
        var runTimeout = TimeoutRules.RunTimeout(
            info.ExecutionTimeout, attributes.WorkflowRunTimeout.ToSpan() is { Ticks: > 0 } run ? run : info.RunTimeout);
        var taskTimeout = TimeoutRules.WorkflowTaskTimeout(
            attributes.WorkflowTaskTimeout.ToSpan() is { Ticks: > 0 } task ? task : info.WorkflowTaskTimeout, runTimeout);
        var successor = chain.Begin(context.Tx, chain.Same(context.Tx, first) with
        {
            WorkflowType = type,
            TaskQueue = queue,
            Input = attributes.Input,
            Header = attributes.Header,
            RunTimeout = runTimeout,
            TellsRunTimeout = true,
            WorkflowTaskTimeout = taskTimeout,
            RetryPolicy = attributes.RetryPolicy is null ? null : RetryRules.WithDefaults(attributes.RetryPolicy),
            CronSchedule = attributes.CronSchedule,
            Attempt = attributes.Initiator == ContinueAsNewInitiator.Retry ? info.Attempt + 1 : 1,
            Priority = context.State.Priority,
            Memo = attributes.Memo,
            SearchAttributes = searchAttributes,
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
            WorkflowRunTimeout = runTimeout.ToProto(),
            WorkflowTaskTimeout = taskTimeout.ToLimit(),
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            BackoffStartInterval = attributes.BackoffStartInterval,
            Initiator = attributes.Initiator,
#pragma warning disable CS0612 // It is told twice: here, and by the new run.
            Failure = attributes.Failure,
#pragma warning restore CS0612
            LastCompletionResult = attributes.LastCompletionResult,
            Header = attributes.Header,
            Memo = MemoRules.ForStart(attributes.Memo),
            SearchAttributes = successor.State.SearchAttributes,
        };
        closer.CloseByCommand(context.Tx, ExecutionTrigger.ContinueAsNew, continued);
        context.Tx.Successor = successor;
    }

    private SearchAttributes? Validated(CommandContext context, ContinueAsNewWorkflowExecutionCommandAttributes attributes, string where)
    {
        try
        {
            return SearchAttributeRules.ForCommand(context.Namespace, attributes.SearchAttributes, types);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.BadSearchAttributes, $"invalid SearchAttributes on {Name}: {refused.Message}. {where}");
        }
    }

    /// <summary>In the reference's order; returns the new run's search attributes.</summary>
    private SearchAttributes? Validate(CommandContext context, ContinueAsNewWorkflowExecutionCommandAttributes attributes, string type, string queueByDefault)
    {
        CheckNames(context, attributes);
        if (limits.IsTooLong(type))
        {
            throw new CommandFailedException(
                Bad, $"WorkflowType on {Name} exceeds length limit. WorkflowType={type} Length={Encoding.UTF8.GetByteCount(type)} Limit={limits.MaximumIdBytes}");
        }

        var where = $"WorkflowType={type} TaskQueue={QueueText.Of(attributes.TaskQueue, queueByDefault)}";
        if (limits.FaultOfQueue(attributes.TaskQueue, queueByDefault, queueByDefault) is { } fault)
        {
            throw new CommandFailedException(Bad, $"error validating {Name} TaskQueue: {fault}. {where}");
        }

        RequireValid(attributes.WorkflowRunTimeout, "WorkflowRunTimeout", where);
        RequireValid(attributes.WorkflowTaskTimeout, "WorkflowTaskTimeout", where);
        RequireValid(attributes.BackoffStartInterval, "BackoffStartInterval", where);
        if (attributes.RetryPolicy is not null && RetryRules.Validate(RetryRules.WithDefaults(attributes.RetryPolicy)) is { } wrong)
        {
            throw new CommandFailedException(Bad, $"invalid WorkflowRetryPolicy on {Name}: {wrong}. {where}");
        }

        var searchAttributes = Validated(context, attributes, where);
        CheckBuild(attributes, queueByDefault);
        limits.RequireBlob(attributes.Input, Bad, "ContinueAsNewWorkflowExecutionCommandAttributes. Input");
        limits.RequireSize(attributes.Memo?.CalculateSize() ?? 0, options.MaximumMemoBytes, Bad, "ContinueAsNewWorkflowExecutionCommandAttributes. Memo");
        CommandLimits.RequireSearchAttributes(attributes.SearchAttributes, Bad);
        return searchAttributes;
    }

    private void CheckNames(CommandContext context, ContinueAsNewWorkflowExecutionCommandAttributes attributes)
    {
        try
        {
            SearchAttributeRules.CheckNames(context.Namespace, attributes.SearchAttributes, types);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.BadSearchAttributes, refused.Message);
        }
    }

#pragma warning disable CS0612 // Workers of old still ask for it.
    /// <summary>The same build can be asked for on the same queue only.</summary>
    private static void CheckBuild(ContinueAsNewWorkflowExecutionCommandAttributes attributes, string own)
    {
        if (attributes.InheritBuildId && attributes.TaskQueue?.Name is { Length: > 0 } queue && queue != own)
        {
            throw new CommandFailedException(Bad, "ContinueAsNew with UseCompatibleVersion cannot run on different task queue.");
        }
    }
#pragma warning restore CS0612

    private static void RequireValid(Duration? duration, string name, string where)
    {
        if (duration.Fault() is { } fault)
        {
            throw new CommandFailedException(Bad, $"Invalid {name} on {Name}: {fault}. {where}");
        }
    }
}
