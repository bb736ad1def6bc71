using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Tuning;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>How a worker works. A task queue and at least one workflow or activity are required.</summary>
public class TemporalWorkerOptions : ICloneable
{
    private IList<ActivityDefinition> activities = [];
    private IList<WorkflowDefinition> workflows = [];

    /// <summary>Has no task queue until <see cref="TaskQueue" /> is set.</summary>
    public TemporalWorkerOptions()
    {
    }

    /// <summary>Works on a task queue.</summary>
    /// <param name="taskQueue">See <see cref="TaskQueue" />.</param>
    public TemporalWorkerOptions(string taskQueue) => TaskQueue = taskQueue;

    /// <summary>Raised before a workflow task runs. For tests and instrumentation; it must be quick and must not throw.</summary>
    public event EventHandler<WorkflowTaskStartingEventArgs>? WorkflowTaskStarting;

    /// <summary>Raised after a workflow task ran. For tests and instrumentation; it must be quick and must not throw.</summary>
    public event EventHandler<WorkflowTaskCompletedEventArgs>? WorkflowTaskCompleted;

    /// <summary>Gets or sets the task queue.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>Gets the activities.</summary>
    public IList<ActivityDefinition> Activities => activities;

    /// <summary>Gets the workflows.</summary>
    public IList<WorkflowDefinition> Workflows => workflows;

    /// <summary>
    /// Gets or sets what starts activities; <see cref="Task.Factory" /> by default. It decides on which threads synchronous activities run.
    /// </summary>
    public TaskFactory? ActivityTaskFactory { get; set; }

    /// <summary>Gets or sets the interceptors, outermost first. Those of the client that are worker interceptors too come before them.</summary>
    public IReadOnlyCollection<IWorkerInterceptor>? Interceptors { get; set; }

    /// <summary>Gets or sets the build id of this worker.</summary>
    public string? BuildId { get; set; }

    /// <summary>Gets or sets the identity; the client's by default.</summary>
    public string? Identity { get; set; }

    /// <summary>Gets or sets the deployment that this worker belongs to. Rules out <see cref="BuildId" />.</summary>
    public WorkerDeploymentOptions? DeploymentOptions { get; set; }

    /// <summary>
    /// Gets or sets how many workflows are kept in memory. Others are replayed when they get a task. 0 keeps none. Default: 1,000.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MaxCachedWorkflows { get; set; } = 1000;

    /// <summary>Gets or sets how many workflow tasks run at once; at least 2 with a cache. Default: 100. Rules out <see cref="Tuner" />.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxConcurrentWorkflowTasks { get; set; }

    /// <summary>Gets or sets how many activities run at once. Default: 100. Rules out <see cref="Tuner" />.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxConcurrentActivities { get; set; }

    /// <summary>Gets or sets the slot suppliers, instead of the maxima.</summary>
    public WorkerTuner? Tuner { get; set; }

    /// <summary>Gets or sets how many polls for workflow tasks are under way at once; at least 2 with a cache. Default: 5.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConcurrentWorkflowTaskPolls { get; set; } = 5;

    /// <summary>Gets or sets how many polls for activity tasks are under way at once. Default: 5.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConcurrentActivityTaskPolls { get; set; } = 5;

    /// <summary>Gets or sets the number of polls for workflow tasks, instead of <see cref="MaxConcurrentWorkflowTaskPolls" />.</summary>
    public PollerBehavior? WorkflowTaskPollerBehavior { get; set; }

    /// <summary>Gets or sets the number of polls for activity tasks, instead of <see cref="MaxConcurrentActivityTaskPolls" />.</summary>
    public PollerBehavior? ActivityTaskPollerBehavior { get; set; }

    /// <summary>
    /// Gets or sets the share of workflow task polls that ask for workflows this worker does not hold, above 0 and at most 1. Default: 0.2.
    /// There is always at least one of each.
    /// </summary>
    [Range(float.Epsilon, 1f)]
    public float NonStickyToStickyPollRatio { get; set; } = 0.2F;

    /// <summary>
    /// Gets or sets how long a workflow task waits for this worker, which holds the workflow, before any worker gets it. Default: 10 s.
    /// </summary>
    public TimeSpan StickyQueueScheduleToStartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the longest time between heartbeats sent to the server. Default: 60 s.</summary>
    public TimeSpan MaxHeartbeatThrottleInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the time between heartbeats of activities without heartbeat timeout. Default: 30 s.</summary>
    public TimeSpan DefaultHeartbeatThrottleInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many activities this worker starts a second, without limit by default.</summary>
    [Range(double.Epsilon, double.MaxValue)]
    public double? MaxActivitiesPerSecond { get; set; }

    /// <summary>Gets or sets how many activities the server hands out a second on this task queue, to all workers together.</summary>
    [Range(double.Epsilon, double.MaxValue)]
    public double? MaxTaskQueueActivitiesPerSecond { get; set; }

    /// <summary>Gets or sets how long activities may go on after the worker was told to stop, before they are cancelled. Default: 0.</summary>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>Gets or sets a value indicating whether activities are never taken with the answer to their scheduling.</summary>
    public bool DisableEagerActivityExecution { get; set; }

    /// <summary>Gets or sets how many activities may be taken with the answer to one workflow task. Default: 3.</summary>
    [Range(0, int.MaxValue)]
    public int MaxEagerActivityReservationsPerWorkflowTask { get; set; } = 3;

    /// <summary>Gets or sets the exception types that fail a workflow instead of its task, for all workflows of this worker.</summary>
    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    /// <summary>Gets or sets whether workflows can tell where they wait, at some cost. Default: none.</summary>
    public WorkflowStackTrace WorkflowStackTrace { get; set; } = WorkflowStackTrace.None;

    /// <summary>
    /// Gets or sets a value indicating whether workflow tasks may block their thread as long as they like, so that they can be debugged.
    /// True by default if the environment variable <c>TEMPORAL_DEBUG</c> is set.
    /// </summary>
    public bool DebugMode { get; set; } = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TEMPORAL_DEBUG"));

    /// <summary>Gets or sets where logs go; to the client's by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// Gets or sets what decides whether a run that gets to a patch for the first time takes it. Default: it does.
    /// </summary>
    public Func<PatchActivationInput, bool>? PatchActivationCallback { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether tasks that workflow code starts outside of its scheduler go unnoticed. Default: they fail the
    /// workflow task.
    /// </summary>
    public bool DisableWorkflowTracingEventListener { get; set; }

    /// <summary>Gets or sets the plugins. Each may change these options before they are used.</summary>
    public IReadOnlyCollection<ITemporalWorkerPlugin>? Plugins { get; set; }

    /// <summary>Adds an activity.</summary>
    /// <param name="del">A delegate of a method with <see cref="ActivityAttribute" />.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddActivity(Delegate del) => AddActivity(ActivityDefinition.Create(del));

    /// <summary>Adds an activity.</summary>
    /// <param name="definition">Its definition.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddActivity(ActivityDefinition definition)
    {
        Activities.Add(definition);
        return this;
    }

    /// <summary>Adds all activities of a class.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="instance">An instance; required unless all activities are static.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddAllActivities<T>(T? instance) => AddAllActivities(typeof(T), instance);

    /// <summary>Adds all activities of a class.</summary>
    /// <param name="type">The class.</param>
    /// <param name="instance">An instance; required unless all activities are static.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddAllActivities(Type type, object? instance)
    {
        foreach (var definition in ActivityDefinition.CreateAll(type, instance))
        {
            Activities.Add(definition);
        }

        return this;
    }

    /// <summary>Adds a workflow.</summary>
    /// <typeparam name="T">A class with <see cref="WorkflowAttribute" />.</typeparam>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    /// <summary>Adds a workflow.</summary>
    /// <param name="type">A class with <see cref="WorkflowAttribute" />.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    /// <summary>Adds a workflow.</summary>
    /// <param name="definition">Its definition.</param>
    /// <returns>This.</returns>
    public TemporalWorkerOptions AddWorkflow(WorkflowDefinition definition)
    {
        Workflows.Add(definition);
        return this;
    }

    /// <summary>Creates a shallow copy with lists of its own.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone()
    {
        var copy = (TemporalWorkerOptions)MemberwiseClone();
        copy.activities = [.. activities];
        copy.workflows = [.. workflows];
        copy.DeploymentOptions = (WorkerDeploymentOptions?)DeploymentOptions?.Clone();
        return copy;
    }

    /// <summary>Raises <see cref="WorkflowTaskStarting" />.</summary>
    internal void OnWorkflowTaskStarting(WorkflowTaskStartingEventArgs args) => WorkflowTaskStarting?.Invoke(this, args);

    /// <summary>Raises <see cref="WorkflowTaskCompleted" />.</summary>
    internal void OnWorkflowTaskCompleted(WorkflowTaskCompletedEventArgs args) => WorkflowTaskCompleted?.Invoke(this, args);
}
