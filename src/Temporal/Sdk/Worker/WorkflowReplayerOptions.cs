using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Converters;
using Temporalio.Runtime;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>How a replayer works. At least one workflow is required.</summary>
public class WorkflowReplayerOptions : ICloneable
{
    private IList<WorkflowDefinition> workflows = [];

    /// <summary>Raised before a workflow task runs. It must be quick and must not throw.</summary>
    public event EventHandler<WorkflowTaskStartingEventArgs>? WorkflowTaskStarting;

    /// <summary>Raised after a workflow task ran. It must be quick and must not throw.</summary>
    public event EventHandler<WorkflowTaskCompletedEventArgs>? WorkflowTaskCompleted;

    /// <summary>Gets the workflows.</summary>
    public IList<WorkflowDefinition> Workflows => workflows;

    /// <summary>Gets or sets the namespace that workflows see. Default: <c>ReplayNamespace</c>.</summary>
    public string Namespace { get; set; } = "ReplayNamespace";

    /// <summary>Gets or sets the task queue that workflows see if their history tells none. Default: <c>ReplayTaskQueue</c>.</summary>
    public string TaskQueue { get; set; } = "ReplayTaskQueue";

    /// <summary>Gets or sets the data converter.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Gets or sets the interceptors, outermost first.</summary>
    public IReadOnlyCollection<IWorkerInterceptor>? Interceptors { get; set; }

    /// <summary>Gets or sets the build id that workflows see.</summary>
    public string? BuildId { get; set; }

    /// <summary>Gets or sets the identity.</summary>
    public string? Identity { get; set; }

    /// <summary>Gets or sets where logs go; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Gets or sets the exception types that fail a workflow instead of its task.</summary>
    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    /// <summary>Gets or sets the runtime; <see cref="TemporalRuntime.Default" /> by default.</summary>
    public TemporalRuntime? Runtime { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether workflow tasks may block their thread as long as they like. True by default if the
    /// environment variable <c>TEMPORAL_DEBUG</c> is set.
    /// </summary>
    public bool DebugMode { get; set; } = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TEMPORAL_DEBUG"));

    /// <summary>
    /// Gets or sets a value indicating whether tasks that workflow code starts outside of its scheduler go unnoticed. Default: they fail the
    /// workflow task.
    /// </summary>
    public bool DisableWorkflowTracingEventListener { get; set; }

    /// <summary>Gets or sets the plugins. Each may change these options before they are used.</summary>
    public IReadOnlyCollection<ITemporalWorkerPlugin>? Plugins { get; set; }

    /// <summary>Adds a workflow.</summary>
    /// <typeparam name="T">A class with <see cref="WorkflowAttribute" />.</typeparam>
    /// <returns>This.</returns>
    public WorkflowReplayerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    /// <summary>Adds a workflow.</summary>
    /// <param name="type">A class with <see cref="WorkflowAttribute" />.</param>
    /// <returns>This.</returns>
    public WorkflowReplayerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    /// <summary>Adds a workflow.</summary>
    /// <param name="definition">Its definition.</param>
    /// <returns>This.</returns>
    public WorkflowReplayerOptions AddWorkflow(WorkflowDefinition definition)
    {
        Workflows.Add(definition);
        return this;
    }

    /// <summary>Creates a shallow copy with lists of its own.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone()
    {
        var copy = (WorkflowReplayerOptions)MemberwiseClone();
        copy.workflows = [.. workflows];
        return copy;
    }

    /// <summary>Raises <see cref="WorkflowTaskStarting" />.</summary>
    internal void OnWorkflowTaskStarting(WorkflowTaskStartingEventArgs args) => WorkflowTaskStarting?.Invoke(this, args);

    /// <summary>Raises <see cref="WorkflowTaskCompleted" />.</summary>
    internal void OnWorkflowTaskCompleted(WorkflowTaskCompletedEventArgs args) => WorkflowTaskCompleted?.Invoke(this, args);
}
