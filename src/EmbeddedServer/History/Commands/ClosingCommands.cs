using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>The commands that close a run, and begin the one that follows it, if any.</summary>
internal sealed class ClosingCommands(CommandLimits limits, ExecutionCloser closer, RunChain chain, ContinueAsNewCommand continueAsNew)
{
    public void Complete(CommandContext context, Command command)
    {
        context.RequireNothingUnseen();
        var attributes = CommandContext.Require(
            command.CompleteWorkflowExecutionCommandAttributes, "CompleteWorkflowExecutionCommandAttributes", "CompleteWorkflowExecutionCommand",
            WorkflowTaskFailedCause.BadCompleteWorkflowExecutionAttributes);

        // The cause is the reference's, which mixes the two up.
        limits.RequireBlob(
            attributes.Result, WorkflowTaskFailedCause.BadScheduleActivityAttributes, "CompleteWorkflowExecutionCommandAttributes.Result");
        var successor = chain.AfterCompletion(context.Tx, attributes.Result);
        var completed = context.NewEvent(EventType.WorkflowExecutionCompleted, command);
        completed.WorkflowExecutionCompletedEventAttributes = new WorkflowExecutionCompletedEventAttributes
        {
            Result = attributes.Result,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            NewExecutionRunId = successor?.State.Key.RunId ?? "",
        };
        closer.CloseByCommand(context.Tx, ExecutionTrigger.Complete, completed);
        context.Tx.Successor = successor;
    }

    public void Fail(CommandContext context, Command command)
    {
        context.RequireNothingUnseen();
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadFailWorkflowExecutionAttributes;
        var attributes = CommandContext.Require(
            command.FailWorkflowExecutionCommandAttributes, "FailWorkflowExecutionCommandAttributes", "FailWorkflowExecutionCommand", Cause);
        if (attributes.Failure is null)
        {
            throw new CommandFailedException(Cause, "Failure is not set on FailWorkflowExecutionCommand.");
        }

        limits.RequireBlob(attributes.Failure, Cause, "FailWorkflowExecutionCommandAttributes.Failure");
        var successor = chain.AfterFailure(context.Tx, attributes.Failure, out var retryState);
        var failed = context.NewEvent(EventType.WorkflowExecutionFailed, command);
        failed.WorkflowExecutionFailedEventAttributes = new WorkflowExecutionFailedEventAttributes
        {
            Failure = attributes.Failure,
            RetryState = retryState,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            NewExecutionRunId = successor?.State.Key.RunId ?? "",
        };
        closer.CloseByCommand(context.Tx, ExecutionTrigger.Fail, failed);
        context.Tx.Successor = successor;
    }

    public void Cancel(CommandContext context, Command command)
    {
        context.RequireNothingUnseen();
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadCancelWorkflowExecutionAttributes;
        var attributes = CommandContext.Require(
            command.CancelWorkflowExecutionCommandAttributes, "CancelWorkflowExecutionCommandAttributes", "CancelWorkflowExecutionCommand", Cause);
        var canceled = context.NewEvent(EventType.WorkflowExecutionCanceled, command);
        canceled.WorkflowExecutionCanceledEventAttributes = new WorkflowExecutionCanceledEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Details = attributes.Details,
        };
        closer.CloseByCommand(context.Tx, ExecutionTrigger.Cancel, canceled);
    }

    public void ContinueAsNew(CommandContext context, Command command) => continueAsNew.Apply(context, command);
}
