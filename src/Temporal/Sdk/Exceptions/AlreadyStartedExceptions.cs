namespace Temporalio.Exceptions;

/// <summary>A workflow with that id is already running, or ran and may not run again.</summary>
public class WorkflowAlreadyStartedException : FailureException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="workflowId">Workflow id in conflict.</param>
    /// <param name="runId">Run in the way, when known.</param>
    [Obsolete("Use the constructor that takes a workflow type")]
    public WorkflowAlreadyStartedException(string message, string workflowId, string runId)
        : this(message, workflowId, "<unknown>", runId)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="workflowId">Workflow id in conflict.</param>
    /// <param name="workflowType">Type that was to be started.</param>
    /// <param name="runId">Run in the way, when known.</param>
    public WorkflowAlreadyStartedException(string message, string workflowId, string workflowType, string runId)
        : base(message)
    {
        WorkflowId = workflowId;
        WorkflowType = workflowType;
        RunId = runId;
    }

    /// <summary>Workflow id in conflict.</summary>
    public string WorkflowId { get; private init; }

    /// <summary>Type that was to be started.</summary>
    public string WorkflowType { get; private init; }

    /// <summary>Run in the way; "&lt;unknown&gt;" when it is not known.</summary>
    public string RunId { get; private init; }
}

/// <summary>A standalone activity with that id is already running, or ran and may not run again.</summary>
public class ActivityAlreadyStartedException : FailureException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="activityId">Activity id in conflict.</param>
    /// <param name="activityType">Type that was to be started.</param>
    /// <param name="runId">Run in the way, when known.</param>
    public ActivityAlreadyStartedException(string message, string activityId, string activityType, string? runId)
        : base(message)
    {
        ActivityId = activityId;
        ActivityType = activityType;
        RunId = runId;
    }

    /// <summary>Activity id in conflict.</summary>
    public string ActivityId { get; private init; }

    /// <summary>Type that was to be started.</summary>
    public string ActivityType { get; private init; }

    /// <summary>Run in the way, when known.</summary>
    public string? RunId { get; private init; }
}

/// <summary>A standalone Nexus operation with that id is already running.</summary>
public class NexusOperationAlreadyStartedException : FailureException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Message.</param>
    /// <param name="operationId">Operation id in conflict.</param>
    /// <param name="runId">Run in the way, when known.</param>
    public NexusOperationAlreadyStartedException(string message, string operationId, string? runId)
        : base(message)
    {
        OperationId = operationId;
        RunId = runId;
    }

    /// <summary>Operation id in conflict.</summary>
    public string OperationId { get; private init; }

    /// <summary>Run in the way, when known.</summary>
    public string? RunId { get; private init; }
}

/// <summary>A schedule with that id exists already.</summary>
public class ScheduleAlreadyRunningException : FailureException
{
    /// <summary>Makes one.</summary>
    public ScheduleAlreadyRunningException()
        : base("Schedule already running")
    {
    }
}
