using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>Tells about a workflow task.</summary>
public abstract class WorkflowTaskEventArgs : EventArgs
{
    private protected WorkflowTaskEventArgs(WorkflowInfo workflowInfo, WorkflowDefinition workflowDefinition)
    {
        WorkflowInfo = workflowInfo;
        WorkflowDefinition = workflowDefinition;
    }

    /// <summary>Gets the run.</summary>
    public WorkflowInfo WorkflowInfo { get; }

    /// <summary>Gets the workflow.</summary>
    public WorkflowDefinition WorkflowDefinition { get; }
}

/// <summary>Tells that a workflow task is about to run.</summary>
public class WorkflowTaskStartingEventArgs : WorkflowTaskEventArgs
{
    internal WorkflowTaskStartingEventArgs(WorkflowInfo workflowInfo, WorkflowDefinition workflowDefinition)
        : base(workflowInfo, workflowDefinition)
    {
    }
}

/// <summary>Tells that a workflow task has run.</summary>
public class WorkflowTaskCompletedEventArgs : WorkflowTaskEventArgs
{
    internal WorkflowTaskCompletedEventArgs(
        WorkflowInfo workflowInfo, WorkflowDefinition workflowDefinition, Exception? taskFailureException)
        : base(workflowInfo, workflowDefinition) => TaskFailureException = taskFailureException;

    /// <summary>Gets what failed the task, if something did. A failure of the workflow is none of the task.</summary>
    public Exception? TaskFailureException { get; }
}
