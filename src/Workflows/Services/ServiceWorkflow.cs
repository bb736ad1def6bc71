using Onramp.Workflows.Changes;
using Onramp.Workflows.Display;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Services;

/// <summary>
/// A service: the only place that knows what it should be and what was made for it, and the only one that lets changes touch it. Handlers change
/// the book and return; whatever waits, waits in the main loop or in a watcher. Continues as new at rest, where it can.
/// </summary>
[Workflow(ServiceContract.WorkflowType)]
public sealed partial class ServiceWorkflow
{
    private static readonly SearchAttributeKey<string> ServiceKey = SearchAttributeKey.CreateKeyword(Contracts.OnboardingSearchAttributes.Service);
    private static readonly SearchAttributeKey<string> TeamKey = SearchAttributeKey.CreateKeyword(Contracts.OnboardingSearchAttributes.Team);
    private static readonly SearchAttributeKey<string> StateKey = SearchAttributeKey.CreateKeyword(Contracts.OnboardingSearchAttributes.State);
    private static readonly SearchAttributeKey<string> EnvironmentKey = SearchAttributeKey.CreateKeyword(Contracts.OnboardingSearchAttributes.Environment);

    private readonly string name;
    private readonly ServiceBook book;
    private readonly int revision;
    private readonly HashSet<string> watched = new(StringComparer.Ordinal);

    /// <summary>Changes that are taken and whose workflow isn't there yet, each with who takes its place meanwhile: it can't be told before.</summary>
    private readonly Dictionary<string, Principal?> beginning = new(StringComparer.Ordinal);

    private bool ready;
    private bool moved;
    private bool unpublished;
    private bool listed;
    private string listedStatus = "";
    private int endedChanges;

    /// <summary>State exists before the first handler runs, however early that comes.</summary>
    [WorkflowInit]
    public ServiceWorkflow(ServiceInput input)
    {
        name = input.Name;
        revision = input.Revision;
        book = new ServiceBook(input.Name, input.Carried ?? new CarriedState(), input.Revision);
        book.Use(input.Settings);
        listed = input.Carried is not null;
    }

    /// <summary>
    /// It is time: Temporal says so, or, at rest, the settings do. Mostly it is at rest then; but a change may be stuck for as long as nobody helps it, and no history may grow for
    /// so long. Nothing of it is lost: it outlives this run, and the next one looks for its end.
    /// </summary>
    private bool ShouldContinueAsNew => Workflow.AllHandlersFinished
        && ((Workflow.ContinueAsNewSuggested && (book.AtRest || revision > 5))
            || (book.AtRest && book.State.Settings.ContinueAfterChanges is > 0 and var limit && endedChanges >= limit));

    /// <summary>What is told to a change isn't called off: the SDK's core can't go on with a run that calls off a signal in the very task that says that it failed.</summary>
    private ExternalWorkflowSignalOptions? Telling => revision > 3 ? new() { CancellationToken = CancellationToken.None } : null;

    private static DateTimeOffset Now => new(DateTime.SpecifyKind(Workflow.UtcNow, DateTimeKind.Utc));

    [WorkflowRun]
    public async Task RunAsync(ServiceInput input)
    {
        if (input.Carried is null)
            await RecoverAsync(input.Settings);
        else
            WatchAdopted();
        ready = true;
        Moved();
        while (true)
        {
            await WaitAsync();
            moved = false;
            foreach (var due in book.Due(Now))
                await BeginOwnAsync(due);
            await GrantAsync();
            if (moved)
                continue;
            if (unpublished)
                Publish();
            if (book.IsOver && Workflow.AllHandlersFinished)
                return;
            if (ShouldContinueAsNew)
            {
                var next = input with { Carried = book.Carried, Revision = ServiceInput.CurrentRevision };
                throw Workflow.CreateContinueAsNewException((ServiceWorkflow w) => w.RunAsync(next));
            }
        }
    }

    /// <summary>Not before it has found out: what it doesn't know yet isn't nothing.</summary>
    [WorkflowQuery(ServiceContract.StateQuery, Description = "Everything the service knows: spec, inventory, open changes, the last ones")]
    public CarriedState State() => ready ? book.State : throw new InvalidOperationException("It is looking for what is known of it");

    /// <summary>Something asked of the service. Answers at once: the change plans by itself.</summary>
    [WorkflowUpdate(ServiceContract.RequestUpdate, Description = "Asks for a change; answers at once whether it is taken")]
    public async Task<RequestAnswer> RequestAsync(ServiceRequested request)
    {
        await ReadyAsync();
        if (!book.Knows(request.ChangeId))
            await LookedAgainAsync();
        var isNew = !book.Knows(request.ChangeId);
        var answer = book.Accept(request, Now);
        if (answer.Accepted && isNew)
        {
            beginning[request.ChangeId] = null;
            await SupersedeAsync(request);
            await BeginAsync(request.ChangeId);
        }
        Moved(shows: answer.Accepted && isNew);
        return answer;
    }

    [WorkflowSignal(ServiceContract.AskSignal, Description = "Of changes only: asks for scopes")]
    public async Task AskAsync(ScopesAsked asked)
    {
        await ReadyAsync();
        book.Ask(asked);
        askings++;
        WatchAdopted();
        // Asked again after the answer was lost: it is given again.
        if (book.HeldBy(asked.Change.ChangeId) is { Count: > 0 } held)
            await SendGrantAsync(asked.Change.ChangeId, held, asked.Round);
        else if (revision > 2 && book.Ended(asked.Change.ChangeId) is { } ended)
            await SendAsync(asked.Change.ChangeId, new ScopesGranted { Round = asked.Round, Refusal = ended.Message });
        Moved();
    }

    [WorkflowSignal(ServiceContract.FinishedSignal, Description = "Of changes only: how one ended")]
    public async Task FinishedAsync(ChangeFinished finished)
    {
        await ReadyAsync();
        Finish(finished);
    }

    /// <summary>
    /// Until it is known what there is. Waits only when it must: a wait whose condition holds already still lets everything else of its workflow task go first, and a
    /// change whose word and whose end come in one task would count as stopped.
    /// </summary>
    private Task ReadyAsync() => ready && revision >= 2 ? Task.CompletedTask : Workflow.WaitConditionAsync(() => ready);

    private async Task WaitAsync()
    {
        bool Woken() => moved || ShouldContinueAsNew || (book.IsOver && Workflow.AllHandlersFinished);
        if (book.NextDue is not { } due)
            await Workflow.WaitConditionAsync(Woken);
        else if (due > Now)
            await Waits.UntilAsync(Woken, due - Now, "What is due next: a removal or a look for drift");
    }

    private async Task RecoverAsync(ServiceSettings settings)
    {
        var retry = new RetryPolicy { InitialInterval = settings.Timing.Retry, MaximumInterval = TimeSpan.FromMinutes(1) };
        var found = await LookAsync<RecoveredState>(ServiceContract.Recover, name, "Look for what is known of it", TimeSpan.FromMinutes(1), retry);
        book.Recover(found);
        book.Use(settings);
        listed = found.Last is not null;
        WatchAdopted();
        // What the run before was told last it may not have taken in. What became of its changes is known before anybody is answered.
        if (revision > 3)
            await Workflow.WaitConditionAsync(() => unseen.Count == 0);
    }

    private async Task BeginOwnAsync(ServiceRequested request)
    {
        if (!book.Accept(request, Now).Accepted)
            return;
        if (request.Order is { Kind: ChangeKind.Remove, Environment: { } environment })
            book.BeginRemoval(environment);
        await BeginAsync(request.ChangeId);
    }

    private async Task SupersedeAsync(ServiceRequested request)
    {
        foreach (var older in book.SupersededBy(request.ChangeId))
        {
            if (revision > 5 && beginning.ContainsKey(older))
                beginning[older] = request.AskedBy;
            else
                await TellSupersededAsync(older, request.AskedBy);
        }
    }

    private Task TellSupersededAsync(string changeId, Principal by) => TryAsync(() =>
        Workflow.GetExternalWorkflowHandle(Ids.Change(name, changeId)).SignalAsync(ChangeContract.SupersedeSignal, [by], Telling));

    /// <summary>Starts the change's workflow: a child that outlives whatever happens to this run.</summary>
    private async Task BeginAsync(string changeId)
    {
        // One that an earlier run has begun may have ended meanwhile.
        if (book.Open.FirstOrDefault(o => o.Change.ChangeId == changeId)?.Change is not { } head)
        {
            beginning.Remove(changeId);
            return;
        }
        var input = new ChangeInput
        {
            ChangeId = changeId,
            Number = head.Number,
            Service = name,
            Order = head.Order,
            AskedBy = head.AskedBy,
            Snapshot = book.State.Snapshot,
            Timing = book.State.Settings.Timing,
            Revision = revision == 0 ? 0 : ChangeInput.CurrentRevision,
        };
        watched.Add(changeId);
        try
        {
            var child = await Workflow.StartChildWorkflowAsync((ChangeWorkflow c) => c.RunAsync(input), new ChildWorkflowOptions
            {
                Id = Ids.Change(name, changeId),
                // For ever: the same change is never run a second time.
                IdReusePolicy = Temporalio.Api.Enums.V1.WorkflowIdReusePolicy.RejectDuplicate,
                ParentClosePolicy = ParentClosePolicy.Abandon,
                StaticSummary = ChangeWords.Summary(head, name),
                StaticDetails = ChangeWords.Details(head.Order, name, head.AskedBy),
                Memo = revision == 0 ? null : new Dictionary<string, object>(StringComparer.Ordinal) { [ChangeContract.ViewMemo] = ChangeView.Of(input, Now) },
                TypedSearchAttributes = revision == 0 ? null : AttributesOf(head.Order),
            });
            _ = WatchAsync(child, changeId);
        }
        catch (WorkflowAlreadyStartedException)
        {
            _ = LookAsync(changeId);
        }
        if (beginning.Remove(changeId, out var newer) && newer is not null)
            await TellSupersededAsync(changeId, newer);
    }

    private void Finish(ChangeFinished finished)
    {
        book.Finish(finished, Now);
        endedChanges++;
        Moved();
    }

    private void End(string changeId)
    {
        // Mostly it has told how it ended, and nothing is left to note.
        var isOpen = book.Open.Any(o => o.Change.ChangeId == changeId);
        if (isOpen)
            endedChanges++;
        book.Interrupt(changeId, Now);
        Moved(shows: isOpen);
    }

    /// <summary>What a change is about to make is written down before it is told that it may.</summary>
    private async Task GrantAsync()
    {
        var granted = book.Grant();
        if (granted.Count == 0)
            return;
        Moved();
        if (revision > 0)
            Publish();
        foreach (var wait in granted)
            await SendGrantAsync(wait.ChangeId, wait.Scopes, wait.Round);
    }

    private SearchAttributeCollection AttributesOf(ChangeOrder order) => new SearchAttributeCollection.Builder()
        .Set(ServiceKey, name)
        .Set(EnvironmentKey, order.Environment ?? Scopes.Component)
        .Set(StateKey, nameof(ChangePhase.Planning))
        .ToSearchAttributeCollection();

    private Task SendGrantAsync(string changeId, IReadOnlyList<string> scopes, int? round) =>
        SendAsync(changeId, new ScopesGranted { Scopes = scopes, Round = round, Snapshot = book.State.Snapshot });

    private Task SendAsync(string changeId, ScopesGranted grant) => TryAsync(() =>
        Workflow.GetExternalWorkflowHandle(Ids.Change(name, changeId)).SignalAsync(ChangeContract.GrantedSignal, [grant], Telling));

    /// <summary>What can't be told to a change that has ended doesn't matter: its end is noticed.</summary>
    private static async Task TryAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (FailureException)
        {
            // The watcher sees it end.
        }
    }

    private void Moved(bool shows = true)
    {
        moved = true;
        unpublished |= shows || revision == 0;
    }

    /// <summary>What is shown when no worker answers. An entity that never accepted anything isn't listed.</summary>
    private void Publish()
    {
        unpublished = false;
        if (book.State.LastNumber == 0 && book.State.Inventory.Count == 0)
            return;
        book.Stamp(Now);
        var state = book.State;
        Workflow.UpsertMemo(MemoUpdate.ValueSet(ServiceContract.StateMemo, state));
        List(state);
        Workflow.CurrentDetails = ChangeWords.Describe(state);
    }

    private void List(CarriedState state)
    {
        var status = ServiceStatus.Of(state);
        if (!listed || !Workflow.TypedSearchAttributes.ContainsKey(ServiceKey))
            Workflow.UpsertTypedSearchAttributes(StateKey.ValueSet(status), ServiceKey.ValueSet(name), TeamKey.ValueSet(TeamOf(state)));
        else if (revision == 0 || status != listedStatus)
            Workflow.UpsertTypedSearchAttributes(StateKey.ValueSet(status));
        listed = true;
        listedStatus = status;
    }

    private static string TeamOf(CarriedState state) =>
        state.Spec.Team.Length > 0 ? state.Spec.Team : state.Open.Select(o => o.Change.Order.Team).OfType<string>().FirstOrDefault() ?? "unknown";
}
