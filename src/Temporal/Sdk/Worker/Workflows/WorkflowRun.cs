using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker.Workflows;

/// <summary>
/// One run in memory: its machines and its instance, brought together. One caller at a time. After a failed step it must be thrown away,
/// because nobody can tell how far its code has come.
/// </summary>
internal sealed class WorkflowRun(WorkflowRuntime runtime, string workflowId, string runId, string workflowType)
{
    private readonly IPayloadCodec? codec = runtime.CodecFor(workflowId);
    private WorkflowInstance? instance;

    /// <summary>Gets the run id.</summary>
    public string RunId => runId;

    /// <summary>Gets the replay side.</summary>
    public WorkflowMachines Machines { get; } = new(runtime.OwnVersion);

    /// <summary>Gets the definition; null for a type that this worker does not have.</summary>
    public Temporalio.Workflows.WorkflowDefinition? Definition => runtime.Find(workflowType);

    /// <summary>Gets the versioning behavior that the workflow asks for, if it does.</summary>
    public Common.VersioningBehavior? VersioningBehavior => instance?.VersioningBehavior;

    /// <summary>Applies events and lets the code go on, as often as there is something for it to do.</summary>
    /// <param name="events">Events; those already applied are ignored.</param>
    /// <param name="startedEventId">The event that started the task; 0 if the events are only to be replayed.</param>
    /// <returns>What failed the task, or null.</returns>
    public async Task<Exception?> AdvanceAsync(IReadOnlyCollection<HistoryEvent> events, long startedEventId)
    {
        try
        {
            Machines.Feed(events, startedEventId);
            while (Machines.NextActivation() is { } activation)
            {
                var decoded = codec is null ? activation : await ActivationCodec.DecodeAsync(codec, runtime, workflowId, workflowType, activation).ConfigureAwait(false);
                var result = await StepAsync(decoded).ConfigureAwait(false);
                if (result.TaskFailure is { } failure)
                {
                    return failure;
                }

                Machines.Push(result.Commands);
            }

            return null;
        }
        catch (WorkflowNondeterminismException e) when (instance?.IsWorkflowFailure(e) == true)
        {
            Machines.Abandon(new FailWorkflow(new() { Failure = runtime.Settings.DataConverter.FailureConverter.ToFailure(e, runtime.Settings.DataConverter.PayloadConverter) }));
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Answers queries from the present state.</summary>
    /// <exception cref="Exception">What makes it impossible to ask the code.</exception>
    public async Task<IReadOnlyList<QueryAnswer>> QueryAsync(IReadOnlyList<QueryJob> queries)
    {
        var activation = Machines.QueryActivation(queries);
        if (codec is not null)
        {
            activation = await ActivationCodec.DecodeAsync(codec, runtime, workflowId, workflowType, activation).ConfigureAwait(false);
        }

        var result = await StepAsync(activation).ConfigureAwait(false);
        return result.TaskFailure is { } failure ? throw failure : result.Answers;
    }

    /// <summary>Writes the commands to send.</summary>
    public async Task<List<Command>> CommandsAsync()
    {
        var commands = new List<Command>();
        foreach (var (machine, type) in Machines.Outgoing)
        {
            var command = machine.ToCommand(type);
            if (codec is not null)
            {
                command = await ActivationCodec.EncodeAsync(codec, runtime, workflowId, workflowType, command).ConfigureAwait(false);
            }

            commands.Add(command);
        }

        return commands;
    }

    private Task<ActivationResult> StepAsync(Activation activation)
    {
        if (instance is null)
        {
            var definition = Definition ?? throw new ApplicationFailureException(
                $"Workflow type {workflowType} is not registered on this worker, available workflows: {runtime.KnownTypes}", errorType: "NotFoundError");
            instance = new(runtime.Settings, definition, workflowId, runId, activation);
        }

        return DeadlockDetector.RunAsync(instance, activation, runtime.DeadlockTimeout);
    }
}
