using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <summary>
/// One run's user code with everything it can see. It is the task scheduler that the code runs on: one thread at a time, first in, first
/// out, nothing inlined, so that the same jobs always lead to the same commands.
/// </summary>
internal sealed partial class WorkflowInstance : TaskScheduler, IWorkflowContext
{
    private readonly WorkflowInstanceSettings settings;
    private readonly DataConverter converter;
    private readonly IPayloadConverter payloadConverter;
    private readonly CancellationTokenSource cancellation = new();
    private readonly Lazy<WorkflowInboundInterceptor> inbound;
    private readonly Payloads? startInput;
    private readonly Dictionary<string, IRawValue> memo;
    private readonly List<WorkflowCommand> commands = [];
    private List<QueryAnswer>? answers;
    private WorkflowOutboundInterceptor outbound = null!;
    private Activation activation;
    private object? instance;
    private object?[]? startArguments;
    private Exception? taskFailure;
    private bool mainRoutineDue = true;
    private bool readOnly;
    private IReadOnlyCollection<Type> failureExceptionTypes;
    private SearchAttributeCollection searchAttributes;

    /// <summary>Creates the instance of a run. No user code runs yet.</summary>
    /// <param name="settings">What all instances have in common.</param>
    /// <param name="definition">The workflow.</param>
    /// <param name="runId">Run id; history does not tell it.</param>
    /// <param name="first">The first activation, which holds the start.</param>
    public WorkflowInstance(WorkflowInstanceSettings settings, WorkflowDefinition definition, string workflowId, string runId, Activation first)
    {
        this.settings = settings;
        Definition = definition;
        activation = first;
        var job = first.Jobs.OfType<InitializeJob>().Single();
        converter = settings.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(settings.Namespace, workflowId));
        payloadConverter = converter.PayloadConverter;
        Info = WorkflowInfoReader.Read(job, settings, workflowId, runId, first.Timestamp, converter);
        Random = new(RandomSeed.Of(job.Started.OriginalExecutionRunId));
        startInput = job.Started.Input;
        memo = (job.Started.Memo?.Fields ?? []).ToDictionary(field => field.Key, IRawValue (field) => new RawValue(field.Value));
        searchAttributes = job.Started.SearchAttributes is { } attributes
            ? SearchAttributeCollection.FromProto(attributes)
            : SearchAttributeCollection.Empty;
        failureExceptionTypes = definition.FailureExceptionTypes ?? [];
        VersioningBehavior = definition.VersioningBehavior;
        Logger = new ReplaySafeLogger(settings.LoggerFactory.CreateLogger($"Temporalio.Workflow:{Info.WorkflowType}"), this);
        MetricMeter = new ReplaySafeMetricMeter(settings.MetricMeter.WithTags(
        [
            new("namespace", settings.Namespace),
            new("task_queue", settings.TaskQueue),
            new("workflow_type", Info.WorkflowType),
        ]), this);
        inbound = new(CreateInterceptors, LazyThreadSafetyMode.None);
    }

    /// <summary>Gets the workflow.</summary>
    public WorkflowDefinition Definition { get; }

    /// <summary>Gets the versioning behavior that the workflow asks for, if it does.</summary>
    public VersioningBehavior? VersioningBehavior { get; private set; }

    /// <summary>Applies what happened and lets the code go on until it waits again.</summary>
    /// <param name="next">What happened.</param>
    /// <returns>What the code wants, or what failed the task.</returns>
    public ActivationResult Activate(Activation next)
    {
        activation = next;
        commands.Clear();
        answers = null;
        taskFailure = null;
        settings.TaskStarting?.Invoke(new(Info, Definition));
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            RunOnScheduler(() => ApplyJobs(next.Jobs));
            RunUntilBlocked(checkConditions: !next.IsQueryOnly);
        }
        catch (Exception e)
        {
            taskFailure ??= e;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        settings.TaskCompleted?.Invoke(new(Info, Definition, taskFailure));
        return new([.. commands], answers ?? [], taskFailure);
    }

    /// <summary>Tells whether an exception fails the workflow rather than the task.</summary>
    internal bool IsWorkflowFailure(Exception e) =>
        e is FailureException or OperationCanceledException
        || failureExceptionTypes.Any(type => type.IsInstanceOfType(e))
        || settings.FailureExceptionTypes.Any(type => type.IsInstanceOfType(e));

    /// <summary>Adds a command.</summary>
    /// <exception cref="InvalidOperationException">A query handler must not change anything.</exception>
    internal void AddCommand(WorkflowCommand command)
    {
        RequireWritable();
        commands.Add(command);
    }

    private void RequireWritable()
    {
        if (readOnly)
        {
            throw new InvalidOperationException("[TMPRL1100] Queries must not make the workflow do anything");
        }
    }

    private WorkflowInboundInterceptor CreateInterceptors()
    {
        WorkflowInboundInterceptor first = new RootInbound(this);
        for (var i = settings.Interceptors.Count - 1; i >= 0; i--)
        {
            first = settings.Interceptors[i].InterceptWorkflow(first);
        }

        first.Init(new RootOutbound(this));
        return first;
    }

    private void ApplyJobs(IReadOnlyList<Job> jobs)
    {
        foreach (var job in jobs)
        {
            Apply(job);
        }

        // Signals that came before the first task ran are handled first; that is why they have jobs before anything else.
        if (mainRoutineDue && !activation.IsQueryOnly)
        {
            mainRoutineDue = false;
            QueueTopLevel(RunMainRoutineAsync);
        }
    }

    private void Apply(Job job)
    {
        switch (job)
        {
            case InitializeJob:
                // Before any handler runs, and on the scheduler, because constructors are workflow code too.
                QueueTopLevel(CreateInstanceAsync);
                break;
            case NotifyHasPatchJob patch:
                patchesInHistory.Add(patch.PatchId);
                break;
            case UpdateRandomSeedJob seed:
                Random = new(seed.Seed);
                break;
            case SignalJob signal:
                ApplySignal(signal);
                break;
            case CancelWorkflowJob:
                cancellation.Cancel();
                break;
            case FireTimerJob fire:
                FireTimer(fire.Sequence);
                break;
            case ResolveActivityJob resolve:
                ResolveActivity(resolve);
                break;
            case QueryJob query:
                Answer(query);
                break;
            default:
                throw new InvalidOperationException($"Unknown job {job.GetType().Name}");
        }
    }

    private Task CreateInstanceAsync()
    {
        startArguments = ArgumentReader.Read(Definition.Run, startInput, payloadConverter, Definition.Dynamic, $"Workflow {Info.WorkflowType}");
        _ = inbound.Value;
        instance = Definition.CreateWorkflowInstance(startArguments);
        if (Definition.DynamicOptionsGetter?.Invoke(instance) is { } options)
        {
            failureExceptionTypes = options.FailureExceptionTypes ?? failureExceptionTypes;
            VersioningBehavior = options.VersioningBehavior == Common.VersioningBehavior.Unspecified ? VersioningBehavior : options.VersioningBehavior;
        }

        return Task.CompletedTask;
    }

    private async Task RunMainRoutineAsync()
    {
        if (instance is null)
        {
            // Creating it failed, and that failure has been reported.
            return;
        }

        var result = await inbound.Value.ExecuteWorkflowAsync(new(instance, Definition.RunMethod, startArguments!)).ConfigureAwait(true);
        var attributes = new Api.Command.V1.CompleteWorkflowExecutionCommandAttributes
        {
            Result = new Payloads { Payloads_ = { payloadConverter.ToPayload(result) } },
        };
        WarnOfUnfinishedHandlers();
        AddCommand(new CompleteWorkflow(attributes));
    }

    /// <summary>Runs a coroutine that nobody awaits, and decides what its failure means.</summary>
    private void QueueTopLevel(Func<Task> coroutine) => _ = Task.Factory.StartNew(
        async () =>
        {
            try
            {
                await coroutine().ConfigureAwait(true);
            }
            catch (Exception e)
            {
                OnTopLevelFailure(e);
            }
        },
        System.Threading.CancellationToken.None,
        TaskCreationOptions.None,
        this);

    private void OnTopLevelFailure(Exception e)
    {
        if (cancellation.IsCancellationRequested && TemporalException.IsCanceledException(e))
        {
            WarnOfUnfinishedHandlers();
            AddCommand(new CancelWorkflow(new()));
        }
        else if (IsWorkflowFailure(e))
        {
            WarnOfUnfinishedHandlers();
            AddCommand(new FailWorkflow(new() { Failure = converter.FailureConverter.ToFailure(e, payloadConverter) }));
        }
        else
        {
            taskFailure ??= e;
        }
    }
}
