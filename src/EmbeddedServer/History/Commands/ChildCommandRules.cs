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

        RequireLength("WorkflowId", id, $"WorkflowId={id}", $"WorkflowType={type} Namespace={attributes.Namespace}");
        RequireLength("WorkflowType", type, $"WorkflowId={id} WorkflowType={type}", $"Namespace={attributes.Namespace}");
        var where = Where(attributes);
        RequireNotNegative(attributes.WorkflowExecutionTimeout, "WorkflowExecutionTimeout", where);
        RequireNotNegative(attributes.WorkflowRunTimeout, "WorkflowRunTimeout", where);
        RequireNotNegative(attributes.WorkflowTaskTimeout, "WorkflowTaskTimeout", where);
        if (attributes.RetryPolicy is not null && RetryRules.Validate(RetryRules.WithDefaults(attributes.RetryPolicy)) is { } wrong)
        {
            throw Refuse($"invalid WorkflowRetryPolicy on {Name}: {wrong} {where}");
        }

        if (attributes.CronSchedule.Length > 0 && CronSchedule.TryParse(attributes.CronSchedule)?.NextAfter(context.Tx.Now) is null)
        {
            throw Refuse($"invalid CronSchedule on {Name}: invalid CronSchedule. {where}");
        }

        SearchAttributesOf(attributes, ns);
        CheckPriority(attributes.Priority);
        CheckQueue(attributes, where);
    }

    /// <summary>As the child is to have them.</summary>
    /// <exception cref="CommandFailedException">They break a rule of the child's namespace.</exception>
    public SearchAttributes? SearchAttributesOf(StartChildWorkflowExecutionCommandAttributes attributes, NamespaceRef ns)
    {
        try
        {
            return SearchAttributeRules.ForStart(ns, attributes.SearchAttributes, types);
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

    private void CheckQueue(StartChildWorkflowExecutionCommandAttributes attributes, string where)
    {
        var queue = attributes.TaskQueue?.Name ?? "";
        if (limits.IsTooLong(queue))
        {
            throw Refuse(
                $"invalid TaskQueue on {Name}: taskQueue exceeds length limit. Length={Encoding.UTF8.GetByteCount(queue)} Limit={limits.MaximumIdBytes}. {where}");
        }

        if (queue.StartsWith("/_sys/", StringComparison.Ordinal))
        {
            throw Refuse($"invalid TaskQueue on {Name}: task queue name cannot start with reserved prefix /_sys/. {where}");
        }
    }

    private void RequireLength(string field, string value, string before, string after)
    {
        if (limits.IsTooLong(value))
        {
            throw Refuse(
                $"{field} on {Name} exceeds length limit. {before} Length={Encoding.UTF8.GetByteCount(value)} Limit={limits.MaximumIdBytes} {after}");
        }
    }

    private static void RequireNotNegative(Duration? timeout, string field, string where)
    {
        if (timeout.ToSpan() < TimeSpan.Zero)
        {
            throw Refuse($"Invalid {field} on {Name}: negative duration. {where}");
        }
    }

    private static CommandFailedException Refuse(string reason) => new(Bad, reason);
}
