using Temporalio.Api.Enums.V1;

namespace Temporalio.Exceptions;

/// <summary>A client waited for a workflow's result and the workflow did not complete; the inner exception says why.</summary>
public class WorkflowFailedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="inner">Why.</param>
    public WorkflowFailedException(Exception? inner)
        : base("Workflow failed", inner)
    {
    }
}

/// <summary>A client asked for one run's result and that run continued as a new one.</summary>
public class WorkflowContinuedAsNewException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="newRunId">The run it continued as.</param>
    public WorkflowContinuedAsNewException(string newRunId)
        : base("Workflow continued as new") => NewRunId = newRunId;

    /// <summary>The run it continued as.</summary>
    public string NewRunId { get; private init; }
}

/// <summary>A query reached the workflow and failed there.</summary>
public class WorkflowQueryFailedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What the workflow answered.</param>
    public WorkflowQueryFailedException(string message)
        : base(message)
    {
    }
}

/// <summary>A query was not put to the workflow because of its status and the reject condition.</summary>
public class WorkflowQueryRejectedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="workflowStatus">Status that ruled the query out.</param>
    public WorkflowQueryRejectedException(WorkflowExecutionStatus workflowStatus)
        : base($"Query rejected, workflow status: {workflowStatus}") => WorkflowStatus = workflowStatus;

    /// <summary>Status that ruled the query out.</summary>
    public WorkflowExecutionStatus WorkflowStatus { get; private init; }
}

/// <summary>An update was rejected or failed; the inner exception says why.</summary>
public class WorkflowUpdateFailedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="inner">Why.</param>
    public WorkflowUpdateFailedException(Exception? inner)
        : base("Workflow update failed", inner)
    {
    }
}

/// <summary>A client waited for a standalone activity's result and it failed; the inner exception says why.</summary>
public class ActivityFailedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="inner">Why.</param>
    public ActivityFailedException(Exception? inner)
        : base("Activity failed", inner)
    {
    }
}

/// <summary>A client waited for a standalone Nexus operation's result and it failed; the inner exception says why.</summary>
public class NexusOperationFailedException : TemporalException
{
    /// <summary>Makes one.</summary>
    /// <param name="operationId">Operation that failed.</param>
    /// <param name="runId">Its run, when known.</param>
    /// <param name="inner">Why.</param>
    public NexusOperationFailedException(string operationId, string? runId, Exception? inner)
        : base("Nexus operation failed", inner)
    {
        OperationId = operationId;
        RunId = runId;
    }

    /// <summary>Operation that failed.</summary>
    public string OperationId { get; private init; }

    /// <summary>Its run, when known.</summary>
    public string? RunId { get; private init; }
}

/// <summary>An activity that completes asynchronously is to be cancelled; raised by a heartbeat through its handle.</summary>
public class AsyncActivityCanceledException : TemporalException
{
    /// <summary>Makes one.</summary>
    public AsyncActivityCanceledException()
        : base("Activity cancelled")
    {
    }
}
