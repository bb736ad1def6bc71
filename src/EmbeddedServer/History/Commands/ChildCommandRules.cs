using System.Text;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Commands;

#pragma warning disable CS0612 // Workers still send the namespace.

/// <summary>What a command that starts a child must be like. The order of the checks and the texts are the reference's.</summary>
internal sealed class ChildCommandRules(CommandLimits limits, ISearchAttributeTypes types)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadStartChildExecutionAttributes;
    private const string Name = "StartChildWorkflowExecutionCommand";

    /// <exception cref="CommandFailedException">It is not.</exception>
    public void Check(CommandContext context, StartChildWorkflowExecutionCommandAttributes attributes, NamespaceRef ns)
    {
        var id = attributes.WorkflowId;
        var type = attributes.WorkflowType?.Name ?? "";
        if (id.Length == 0)
        {
            throw Refuse($"Required field WorkflowId is not set on {Name}. WorkflowType={type} Namespace={attributes.Namespace}");
        }

        if (type.Length == 0)
        {
            throw Refuse($"Required field WorkflowType is not set on {Name}. WorkflowId={id} Namespace={attributes.Namespace}");
        }

        RequireLength("Namespace", attributes.Namespace, $"WorkflowId={id} WorkflowType={type} Namespace={attributes.Namespace}", "");
        RequireLength("WorkflowId", id, $"WorkflowId={id}", $"WorkflowType={type} Namespace={attributes.Namespace}");
        RequireLength("WorkflowType", type, $"WorkflowId={id} WorkflowType={type}", $"Namespace={attributes.Namespace}");
        var where = Where(attributes);
        RequireNotNegative(attributes.WorkflowExecutionTimeout, "WorkflowExecutionTimeout", where);
        RequireNotNegative(attributes.WorkflowRunTimeout, "WorkflowRunTimeout", where);
        RequireNotNegative(attributes.WorkflowTaskTimeout, "WorkflowTaskTimeout", where);
        if (attributes.RetryPolicy is not null && RetryRules.Validate(RetryRules.WithDefaults(attributes.RetryPolicy)) is { } wrong)
        {
            throw Refuse($"invalid WorkflowRetryPolicy on {Name}: {wrong}. {where}");
        }

        if (CronSchedule.Fault(attributes.CronSchedule, context.Tx.Now) is { } fault)
        {
            throw Refuse($"invalid CronSchedule on {Name}: {fault}. {where}");
        }

        SearchAttributesOf(attributes, ns);
        CheckPriority(attributes.Priority);
        CheckQueue(attributes, context.State.Info.TaskQueue, where);
    }

    /// <summary>Attributes that the child's namespace doesn't have are told of first, and not as a fault of this command.</summary>
    public void CheckNames(StartChildWorkflowExecutionCommandAttributes attributes, NamespaceRef ns)
    {
        try
        {
            SearchAttributeRules.CheckNames(ns, attributes.SearchAttributes, types);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(WorkflowTaskFailedCause.BadSearchAttributes, refused.Message);
        }
    }

    /// <summary>As the child is to have them.</summary>
    /// <exception cref="CommandFailedException">They break a rule of the child's namespace.</exception>
    public SearchAttributes? SearchAttributesOf(StartChildWorkflowExecutionCommandAttributes attributes, NamespaceRef ns)
    {
        try
        {
            return SearchAttributeRules.ForCommand(ns, attributes.SearchAttributes, types);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.BadSearchAttributes,
                $"invalid SearchAttributes on StartChildWorkflowCommand: {refused.Message}. {Where(attributes)}");
        }
    }

    private static string Where(StartChildWorkflowExecutionCommandAttributes attributes) =>
        $"WorkflowId={attributes.WorkflowId} WorkflowType={attributes.WorkflowType?.Name} Namespace={attributes.Namespace}";

    private static void CheckPriority(Priority? priority)
    {
        try
        {
            PriorityRules.Check(priority);
        }
        catch (RefusalException refused)
        {
            throw Refuse(refused.Message);
        }
    }

    private void CheckQueue(StartChildWorkflowExecutionCommandAttributes attributes, string queueOfParent, string where)
    {
        if (limits.FaultOfQueue(attributes.TaskQueue, queueOfParent, queueOfParent) is { } fault)
        {
            throw Refuse($"invalid TaskQueue on {Name}: {fault}. {where} TaskQueue={QueueText.Of(attributes.TaskQueue, queueOfParent)}");
        }
    }

    private void RequireLength(string field, string value, string before, string after)
    {
        if (limits.IsTooLong(value))
        {
            throw Refuse(
                $"{field} on {Name} exceeds length limit. {before} Length={Encoding.UTF8.GetByteCount(value)} Limit={limits.MaximumIdBytes}"
                    + (after.Length > 0 ? " " + after : ""));
        }
    }

    private static void RequireNotNegative(Duration? timeout, string field, string where)
    {
        if (timeout.Fault() is { } fault)
        {
            throw Refuse($"Invalid {field} on {Name}: {fault}. {where}");
        }
    }

    private static CommandFailedException Refuse(string reason) => new(Bad, reason);
}
