namespace Temporalio.Exceptions;

/// <summary>Workflow code did what workflow code may not do. Fails the workflow task, not the workflow.</summary>
public class InvalidWorkflowOperationException : TemporalException
{
    internal InvalidWorkflowOperationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Replay did not match the recorded history. Fails the workflow task, not the workflow.</summary>
public class WorkflowNondeterminismException : InvalidWorkflowOperationException
{
    internal WorkflowNondeterminismException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Workflow code scheduled work on another scheduler than its own, such as the thread pool's.</summary>
public class InvalidWorkflowSchedulerException : InvalidWorkflowOperationException
{
    private readonly string? stackTraceOverride;

    internal InvalidWorkflowSchedulerException(string message, string? stackTraceOverride = null)
        : base(message) => this.stackTraceOverride = stackTraceOverride;

    /// <summary>Where the offending work was scheduled, when that is known.</summary>
    public override string? StackTrace => stackTraceOverride ?? base.StackTrace;
}
