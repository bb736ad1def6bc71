using System.Linq.Expressions;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>How to start a workflow. Id and task queue are required.</summary>
public class WorkflowOptions : ICloneable
{
    /// <summary>Nothing set.</summary>
    public WorkflowOptions()
    {
    }

    /// <summary>With what is required.</summary>
    /// <param name="id">Workflow id.</param>
    /// <param name="taskQueue">Task queue.</param>
    public WorkflowOptions(string id, string taskQueue)
    {
        Id = id;
        TaskQueue = taskQueue;
    }

    /// <summary>Workflow id; required.</summary>
    public string? Id { get; set; }

    /// <summary>Task queue; required.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>One line about this run for people, in Markdown.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>More about this run for people, in Markdown.</summary>
    public string? StaticDetails { get; set; }

    /// <summary>Limit over all retries and continuations. Default: none.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    /// <summary>Limit of one run. Default: none.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>Limit of one workflow task. Default: the server's, ten seconds.</summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>Whether the id may be used again after a run closed. Default: it may.</summary>
    public WorkflowIdReusePolicy IdReusePolicy { get; set; } = WorkflowIdReusePolicy.AllowDuplicate;

    /// <summary>What to do if one is running under the id. Default: fail.</summary>
    public WorkflowIdConflictPolicy IdConflictPolicy { get; set; } = WorkflowIdConflictPolicy.Unspecified;

    /// <summary>Retry policy of the workflow. Default: no retries.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Cron schedule; schedules are better.</summary>
    public string? CronSchedule { get; set; }

    /// <summary>Values to show with the run; not indexed.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Values to find the run by.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <summary>How long to wait before the first workflow task.</summary>
    public TimeSpan? StartDelay { get; set; }

    /// <summary>Signal to send along; the workflow is started only if it is not running.</summary>
    public string? StartSignal { get; set; }

    /// <summary>Arguments of <see cref="StartSignal"/>.</summary>
    public IReadOnlyCollection<object?>? StartSignalArgs { get; set; }

    /// <summary>Whether a worker of this client may run the first task without a round trip to the queue. A hint.</summary>
    public bool RequestEagerStart { get; set; }

    /// <summary>Overrides the worker versioning behaviour.</summary>
    public VersioningOverride? VersioningOverride { get; set; }

    /// <summary>Priority among the tasks of the queue.</summary>
    public Priority? Priority { get; set; }

    /// <summary>Options of the call.</summary>
    public RpcOptions? Rpc { get; set; }

    /// <summary>Sets the signal to send along.</summary>
    /// <typeparam name="TWorkflow">Workflow with the signal.</typeparam>
    /// <param name="signalCall">Call of the signal's method.</param>
    public void SignalWithStart<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        SignalWithStart(WorkflowSignalDefinition.NameFromMethodForCall(method), args);
    }

    /// <summary>Sets the signal to send along.</summary>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="args">Its arguments.</param>
    public void SignalWithStart(string signal, IReadOnlyCollection<object?> args)
    {
        StartSignal = signal;
        StartSignalArgs = args;
    }

    /// <summary>A copy.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
