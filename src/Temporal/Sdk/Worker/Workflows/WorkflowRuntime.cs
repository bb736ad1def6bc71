using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Instance;
using Temporalio.Workflows;

namespace Temporalio.Worker.Workflows;

/// <summary>What runs need to know about the worker or replayer that runs them.</summary>
internal sealed class WorkflowRuntime
{
    private readonly Dictionary<string, WorkflowDefinition> definitions = [];
    private readonly WorkflowDefinition? dynamicDefinition;

    /// <summary>Collects the workflows.</summary>
    /// <exception cref="ArgumentException">Two workflows have one name, or one can't be instantiated.</exception>
    public WorkflowRuntime(WorkflowInstanceSettings settings, IEnumerable<WorkflowDefinition> workflows, TimeSpan deadlockTimeout)
    {
        Settings = settings;
        DeadlockTimeout = deadlockTimeout;
        foreach (var definition in workflows)
        {
            if (!definition.Instantiable)
            {
                throw new ArgumentException($"Workflow named {definition.Name} ({definition.Type}) is not instantiable (an interface or abstract class?)");
            }

            if (definition.Name is null)
            {
                dynamicDefinition = dynamicDefinition is null
                    ? definition
                    : throw new ArgumentException("Multiple dynamic workflows provided");
            }
            else if (!definitions.TryAdd(definition.Name, definition))
            {
                throw new ArgumentException($"Duplicate workflow named {definition.Name}");
            }
        }
    }

    /// <summary>Gets what all instances have in common.</summary>
    public WorkflowInstanceSettings Settings { get; }

    /// <summary>Gets how long a step may take; infinite for debugging.</summary>
    public TimeSpan DeadlockTimeout { get; }

    /// <summary>Gets this worker's version; the build id alone if it has no deployment.</summary>
    public WorkerDeploymentVersion OwnVersion => Settings.DeploymentVersion ?? new(string.Empty, Settings.BuildId);

    /// <summary>Gets the names of all workflows, for messages.</summary>
    public string KnownTypes => string.Join(", ", definitions.Keys.Order(StringComparer.Ordinal));

    /// <summary>Finds a workflow.</summary>
    public WorkflowDefinition? Find(string workflowType) => definitions.GetValueOrDefault(workflowType) ?? dynamicDefinition;

    /// <summary>Gets the codec for a workflow's payloads.</summary>
    public IPayloadCodec? CodecFor(string workflowId) => Settings.DataConverter.PayloadCodec is null
        ? null
        : Settings.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(Settings.Namespace, workflowId)).PayloadCodec;
}
