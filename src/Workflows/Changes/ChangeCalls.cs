using System.Text.Json;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>A change's calls: one place for timeouts, retries, activity ids and what is said in Temporal's UI.</summary>
internal sealed class ChangeCalls(ChangeState state) : IActionCalls
{
    /// <summary>Attempts of a removal or an undo within one call; after them the runner says that it is stuck, and calls again.</summary>
    private const int InsistedAttempts = 3;

    private static readonly TimeSpan PlanningLimit = TimeSpan.FromMinutes(30);

    private readonly ChangeInput input = state.Input;
    private readonly Dictionary<string, int> called = new(StringComparer.Ordinal);
    private (ServiceSnapshot Snapshot, Resolved Resolved)? last;
    private int plans;
    private int told;

    /// <summary>What is pure runs within the workflow task: one marker in the history instead of six events.</summary>
    private bool IsLocal => input.Revision >= 1;

    /// <summary>Resolves, looks at each system side by side, and plans.</summary>
    public async Task<ChangePlan> PlanAsync(ServiceSnapshot snapshot, CancellationToken cancellationToken)
    {
        var round = ++plans;
        var resolved = last is { } known && IsLocal && Wire.AreSame(known.Snapshot, snapshot)
            ? known.Resolved
            : await PureAsync<Resolved>(
                PlanningContract.Resolve, new ResolveInput { Order = input.Order, Snapshot = snapshot }, $"resolve-{round}", "What it means", cancellationToken);
        last = (snapshot, resolved);
        return await LookAsync(resolved, snapshot, round, cancellationToken);
    }

    /// <summary>Looks again at what was planned last, with what has been made since.</summary>
    public Task<ChangePlan> PlanAfterAsync(ServiceSnapshot snapshot, CancellationToken cancellationToken) =>
        last is { } known && IsLocal ? LookAsync(known.Resolved, snapshot, ++plans, cancellationToken) : PlanAsync(snapshot, cancellationToken);

    public Task<PolicyVerdict> DecideAsync(ChangePlan plan, ChangePlan? approved, CancellationToken cancellationToken) => PureAsync<PolicyVerdict>(
        PlanningContract.Decide,
        new PolicyInput
        {
            Kind = input.Order.Kind,
            Service = input.Service,
            Environment = input.Order.Environment,
            Plan = plan,
            Approved = approved,
            AskedBy = input.AskedBy,
        },
        $"policy-{plans}",
        "Who must agree",
        cancellationToken);

    public Task<ActionResult> DoAsync(PlannedAction action, IReadOnlyDictionary<string, JsonElement> inputs, CancellationToken cancellationToken) =>
        action.Kind == ActionKind.Remove
            ? CallAsync(action, action.Remove, Removal(action) with { Release = action.Adopted, Changes = action.Changes }, "Remove", InsistedAttempts, cancellationToken)
            : CallAsync(action, action.Ensure, Ensuring(action, ModeOf(action)) with { Inputs = inputs }, action.Kind.ToString(), attempts: 0, cancellationToken);

    public Task<ActionResult> UndoAsync(PlannedAction action) => action.Kind == ActionKind.Create
        ? CallAsync(action, action.Remove, Removal(action) with { OnlyOwnOperation = true }, "Undo", InsistedAttempts, CancellationToken.None)
        : CallAsync(
            action,
            action.Ensure,
            Ensuring(action, EnsureMode.Restore) with { Changes = [.. action.Changes.Select(c => c.Reverse())], Release = action.Kind == ActionKind.Adopt },
            "Undo",
            InsistedAttempts,
            CancellationToken.None);

    public void Moved(string action, string what, string? by = null)
    {
        if (action.Length == 0)
            state.Say(what, by);
        else
            state.Moved(action, what, by);
    }

    public Task TellStuckAsync(PlannedAction action, StepError error) => NotifyAsync(
        NotificationKinds.UndoFailing, $"{action.Title} {action.Name} is stuck", $"{error.Message}. It is tried again; retry, skip or abandon it.");

    /// <summary>Telling people is best effort: it never fails the change.</summary>
    public async Task NotifyAsync(string kind, string title, string text)
    {
        try
        {
            await Workflow.ExecuteActivityAsync(
                ActivityNames.Notify,
                [
                    new NotificationInput
                    {
                        Key = new StepKey { WorkflowId = Workflow.Info.WorkflowId, RunId = Workflow.Info.RunId, Step = kind, RunStartedAt = state.Head.AskedAt },
                        Kind = kind,
                        Title = $"{input.Service}{(input.Order.Environment is { } environment ? $" in {environment}" : "")}: {title}",
                        Text = text,
                    },
                ],
                new ActivityOptions
                {
                    ActivityId = $"tell-{++told}",
                    Summary = Markdown.Escape(title, Markdown.MaximumSummaryBytes),
                    StartToCloseTimeout = TimeSpan.FromSeconds(10),
                    ScheduleToCloseTimeout = TimeSpan.FromSeconds(30),
                    RetryPolicy = Retries(attempts: 5),
                    CancellationToken = CancellationToken.None,
                });
        }
        catch (ActivityFailureException e)
        {
            state.Say($"Nobody could be told '{title}': {FailureReader.Read(e).Message}");
        }
    }

    /// <summary>Whether somebody holds all applying.</summary>
    public async Task<Hold?> LookForHoldAsync(CancellationToken cancellationToken) =>
        (await Workflow.ExecuteActivityAsync<HoldSeen>(ServiceContract.LookForHold, [], new ActivityOptions
        {
            ActivityId = IdOf("hold"),
            Summary = "Look whether applying is held",
            StartToCloseTimeout = TimeSpan.FromSeconds(30),
            RetryPolicy = Retries(attempts: 0),
            CancellationToken = cancellationToken,
        })).Hold;

    /// <summary>Tells the service; one that is gone is started again by it, and finds out what there is.</summary>
    public async Task TellServiceAsync(TellInput told, CancellationToken cancellationToken)
    {
        var (signal, word) = told.Asked is { } asked ? (ServiceContract.AskSignal, (object)asked) : (ServiceContract.FinishedSignal, told.Finished!);
        try
        {
            // Isn't called off: the SDK's core can't go on with a run that calls off a signal in the very task that says that it failed.
            var isCalledOff = input.Revision <= 1;
            await Workflow.GetExternalWorkflowHandle(Ids.Service(input.Service)).SignalAsync(
                signal, [word], new ExternalWorkflowSignalOptions { CancellationToken = isCalledOff ? cancellationToken : CancellationToken.None });
            if (!isCalledOff)
                cancellationToken.ThrowIfCancellationRequested();
        }
        catch (FailureException e) when (!FailureReader.IsCancellation(e))
        {
            await Workflow.ExecuteActivityAsync(ServiceContract.Tell, [told], new ActivityOptions
            {
                Summary = "Tell the service, which is gone",
                StartToCloseTimeout = TimeSpan.FromSeconds(30),
                RetryPolicy = Retries(attempts: 0),
                CancellationToken = cancellationToken,
            });
        }
    }

    private static EnsureMode ModeOf(PlannedAction action) => action.Kind switch
    {
        ActionKind.Create => EnsureMode.Create,
        ActionKind.Adopt => EnsureMode.Adopt,
        _ => EnsureMode.Change,
    };

    private EnsureInput<JsonElement?> Ensuring(PlannedAction action, EnsureMode mode) => new()
    {
        Owner = new OwnerMark(input.Service, action.Scope),
        Operation = OperationOf(action.Id),
        Mode = mode,
        Name = action.Name,
        Spec = action.Spec,
        Changes = action.Changes,
    };

    private RemoveInput Removal(PlannedAction action) => new()
    {
        Owner = new OwnerMark(input.Service, action.Scope),
        Operation = OperationOf(action.Id),
        Name = action.Name,
    };

    private OperationKey OperationOf(string action) => new(input.Service, input.ChangeId, action);

    private async Task<ChangePlan> LookAsync(Resolved resolved, ServiceSnapshot snapshot, int round, CancellationToken cancellationToken)
    {
        var looks = resolved.Things.GroupBy(t => t.System, StringComparer.Ordinal).Select(s => ObserveAsync(s.Key, [.. s], round, cancellationToken)).ToList();
        var observed = new List<Observed>();
        foreach (var look in looks)
            observed.AddRange(await look);
        return await PureAsync<ChangePlan>(
            PlanningContract.Make, new PlanInput { Resolved = resolved, Observed = observed, Snapshot = snapshot }, $"plan-{round}", "Plan", cancellationToken);
    }

    private Task<IReadOnlyList<Observed>> ObserveAsync(string system, IReadOnlyList<Thing> things, int round, CancellationToken cancellationToken) =>
        PlanningAsync<IReadOnlyList<Observed>>(
            PlanningContract.Observe,
            new ObserveInput { System = system, Operation = OperationOf($"observe-{system}"), Things = things },
            $"observe-{system}-{round}",
            $"Look at {system}",
            cancellationToken);

    private Task<T> PureAsync<T>(string activity, object argument, string id, string summary, CancellationToken cancellationToken) => !IsLocal
        ? PlanningAsync<T>(activity, argument, id, summary, cancellationToken)
        : Workflow.ExecuteLocalActivityAsync<T>(activity, [argument], new LocalActivityOptions
        {
            ActivityId = id,
            Summary = summary,
            StartToCloseTimeout = TimeSpan.FromSeconds(10),
            ScheduleToCloseTimeout = PlanningLimit,
            RetryPolicy = Retries(attempts: 0),
            CancellationToken = cancellationToken,
        });

    private Task<T> PlanningAsync<T>(string activity, object argument, string id, string summary, CancellationToken cancellationToken) =>
        Workflow.ExecuteActivityAsync<T>(activity, [argument], new ActivityOptions
        {
            ActivityId = id,
            Summary = summary,
            StartToCloseTimeout = TimeSpan.FromMinutes(1),
            ScheduleToCloseTimeout = PlanningLimit,
            RetryPolicy = Retries(attempts: 0),
            CancellationToken = cancellationToken,
        });

    private Task<ActionResult> CallAsync(
        PlannedAction action, string activity, object argument, string verb, int attempts, CancellationToken cancellationToken) =>
        Workflow.ExecuteActivityAsync<ActionResult>(activity, [argument], new ActivityOptions
        {
            ActivityId = IdOf(verb == "Undo" ? $"{action.Id}/undo" : action.Id),
            Summary = Markdown.Escape($"{verb} {action.Title.ToLowerInvariant()} {action.Name}", Markdown.MaximumSummaryBytes),
            StartToCloseTimeout = action.AttemptTimeout,
            ScheduleToCloseTimeout = attempts == 0 ? action.WaitLimit : null,
            RetryPolicy = Retries(attempts),
            // What is in flight is finished or given up before anything is undone, so that no undo runs beside its do.
            CancellationType = ActivityCancellationType.WaitCancellationCompleted,
            CancellationToken = cancellationToken,
        });

    /// <summary>An id of its own for each call of an action: the first is the action's, the later ones are numbered.</summary>
    private string IdOf(string call)
    {
        var times = called[call] = called.GetValueOrDefault(call) + 1;
        return times == 1 || !IsLocal ? call : $"{call}#{times}";
    }

    private RetryPolicy Retries(int attempts) => new()
    {
        InitialInterval = input.Timing.Retry,
        BackoffCoefficient = 2,
        MaximumInterval = TimeSpan.FromMinutes(1),
        MaximumAttempts = attempts,
        NonRetryableErrorTypes = [.. ErrorTypes.Permanent],
    };
}
