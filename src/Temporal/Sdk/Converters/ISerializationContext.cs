using Temporalio.Activities;

namespace Temporalio.Converters;

/// <summary>What a value belongs to while it is converted or encoded.</summary>
public interface ISerializationContext
{
    /// <summary>A context in which a workflow is known.</summary>
    public interface IHasWorkflow : ISerializationContext
    {
        /// <summary>Namespace.</summary>
        string Namespace { get; }

        /// <summary>Workflow id.</summary>
        string? WorkflowId { get; }
    }

    /// <summary>An activity's values.</summary>
    /// <param name="Namespace">Namespace.</param>
    /// <param name="ActivityId">Activity id, where known.</param>
    /// <param name="WorkflowId">Workflow id, if a workflow scheduled it.</param>
    /// <param name="WorkflowType">Workflow type, if a workflow scheduled it.</param>
    /// <param name="ActivityType">Activity type.</param>
    /// <param name="ActivityTaskQueue">Task queue of the activity.</param>
    /// <param name="IsLocal">Whether it is a local activity.</param>
    public sealed record Activity(
        string Namespace,
        string? ActivityId,
        string? WorkflowId,
        string? WorkflowType,
        string ActivityType,
        string ActivityTaskQueue,
        bool IsLocal) : IHasWorkflow
    {
        /// <summary>The context of a running activity.</summary>
        /// <param name="info">Its info.</param>
        public Activity(ActivityInfo info)
            : this(
                info.Namespace,
                info.ActivityId,
                info.WorkflowId,
                info.WorkflowType,
                info.ActivityType,
                info.TaskQueue,
                info.IsLocal)
        {
        }
    }

    /// <summary>A workflow's values.</summary>
    /// <param name="Namespace">Namespace.</param>
    /// <param name="WorkflowId">Workflow id.</param>
    public sealed record Workflow(string Namespace, string WorkflowId) : IHasWorkflow;
}
