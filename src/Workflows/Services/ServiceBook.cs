using Onramp.Workflows.Changes;

namespace Onramp.Workflows.Services;

/// <summary>
/// What a service knows and decides: which requests it takes, who applies when, what an ended change means. Pure; the workflow brings time and
/// carries out.
/// </summary>
public sealed class ServiceBook
{
    private readonly string name;
    private readonly int revision;
    private readonly ScopeLocks locks;
    private CarriedState state;

    /// <param name="name">Name of the service.</param>
    /// <param name="carried">What is known of it.</param>
    /// <param name="revision">That of the run (<see cref="ServiceInput.Revision"/>).</param>
    public ServiceBook(string name, CarriedState carried, int revision = ServiceInput.CurrentRevision)
    {
        this.name = name;
        this.revision = revision;
        state = carried.Spec.Name.Length > 0 ? carried : carried with { Spec = carried.Spec with { Name = name } };
        locks = new ScopeLocks(state.Locks);
    }

    public CarriedState State => state with { Locks = locks.State };

    /// <summary>What the next run starts from: the changes under way are no children of its own, so it has to look for their ends.</summary>
    public CarriedState Carried => State with { Open = AsAdopted(state.Open) };

    public IReadOnlyList<OpenChange> Open => state.Open;

    /// <summary>Nothing under way: the best moment for continuing as new.</summary>
    public bool AtRest => state.Open.Count == 0;

    /// <summary>Nothing under way and nothing there: the service has ended, or never began.</summary>
    public bool IsOver => AtRest && state.Environments.Count == 0 && state.Inventory.Count == 0;

    public bool Knows(string changeId) => Answer(changeId) is not null;

    /// <summary>The answer that this change's request had; null when it is new.</summary>
    public RequestAnswer? Answer(string changeId) =>
        state.Open.Select(o => o.Change).Concat(state.Ended.Select(e => e.Change)).FirstOrDefault(c => c.ChangeId == changeId) is { } known
            ? new RequestAnswer { Accepted = true, ChangeId = changeId, Number = known.Number }
            : null;

    /// <summary>Takes a request, or says why not.</summary>
    public RequestAnswer Accept(ServiceRequested request, DateTimeOffset now)
    {
        if (Answer(request.ChangeId) is { } known)
            return known;
        if (Refusal(request, now) is { } refusal)
            return new RequestAnswer { ChangeId = request.ChangeId, Refusal = refusal.Kind, Message = refusal.Message };
        var head = new ChangeHead
        {
            ChangeId = request.ChangeId,
            Number = state.LastNumber + 1,
            Order = request.Order,
            AskedBy = request.AskedBy,
            AskedAt = now,
        };
        state = state with { LastNumber = head.Number, Open = [.. state.Open, new OpenChange { Change = head }] };
        if (request.Order is { Kind: ChangeKind.Onboard, Environment: { } environment } && !state.Environments.ContainsKey(environment))
            SetEnvironment(environment, new EnvironmentState { Phase = EnvironmentPhase.Onboarding });
        return new RequestAnswer { Accepted = true, ChangeId = head.ChangeId, Number = head.Number };
    }

    /// <summary>Open changes that a new one takes the place of: the same kind for the same environment, as long as they don't apply.</summary>
    public IReadOnlyList<string> SupersededBy(string changeId)
    {
        var order = state.Open.First(o => o.Change.ChangeId == changeId).Change.Order;
        return
        [
            .. state.Open.Where(o => o.Change.ChangeId != changeId && !o.Applying && o.Change.Order.Kind == order.Kind && o.Change.Order.Environment == order.Environment)
                .Select(o => o.Change.ChangeId),
        ];
    }

    /// <summary>How a change ended, of those that are kept; null: it is open, or not known any more.</summary>
    public EndedChange? Ended(string changeId) => state.Ended.FirstOrDefault(e => e.Change.ChangeId == changeId);

    /// <summary>
    /// A change asks for its scopes. One that this run has never heard of is taken in: an earlier run's, which is gone. One that has ended gets nothing: it was
    /// stopped after it asked, and nobody would give its scopes back.
    /// </summary>
    public void Ask(ScopesAsked asked)
    {
        if (Ended(asked.Change.ChangeId) is not null)
            return;
        TakeIn(asked.Change);
        locks.Ask(asked.Change.ChangeId, asked.Scopes, asked.Round);
        Change(asked.Change.ChangeId, o => o with
        {
            Applying = locks.HeldBy(o.Change.ChangeId).Count > 0,
            PlanDigest = asked.PlanDigest,
            Planned = asked.Planned,
            Wanted = asked.Wanted,
        });
    }

    /// <summary>Scopes held by a change now; asking again after they were given is answered again.</summary>
    public IReadOnlyList<string> HeldBy(string changeId) => locks.HeldBy(changeId);

    /// <summary>Gives scopes to those whose turn it is.</summary>
    public IReadOnlyList<ScopeWait> Grant()
    {
        var granted = locks.Grant();
        foreach (var wait in granted)
            Change(wait.ChangeId, o => o with { Applying = true });
        return granted;
    }

    /// <summary>What an ended change means to the service. Told twice it counts once.</summary>
    public void Finish(ChangeFinished finished, DateTimeOffset now)
    {
        var id = finished.Change.ChangeId;
        if (Ended(id) is not null)
            return;
        TakeIn(finished.Change);
        var order = finished.Change.Order;
        var inventory = state.Inventory.Where(i => !finished.Gone.Contains($"{i.Capability}@{i.Scope}") && !finished.Made.Any(m => m.Is(i.Capability, i.Scope)))
            .Concat(finished.Made.Select(StillFound))
            .OrderBy(i => i.Scope, StringComparer.Ordinal).ThenBy(i => i.Capability, StringComparer.Ordinal)
            .ToList();
        var completed = finished.Outcome == ChangeOutcome.Completed;
        state = state with
        {
            Inventory = inventory,
            Spec = completed ? Merged(finished.Wanted, order) : state.Spec,
            SnapshotVersion = state.SnapshotVersion + 1,
        };
        if (order.Environment is { } environment)
            Settle(environment, order, completed, finished.Change, now);
        Close(id, new EndedChange
        {
            Change = finished.Change,
            Outcome = finished.Outcome,
            Message = finished.Message,
            PlanDigest = finished.PlanDigest,
            ApprovedBy = finished.ApprovedBy,
            Left = finished.Left,
            EndedAt = now,
        });
    }

    /// <summary>
    /// A change's workflow was stopped from outside. If it never applied, nothing has happened. If it did, what it planned may be there: it is in the
    /// inventory from now on, wanted as it was wanted, and the environment is interrupted until it is repaired or retired.
    /// </summary>
    public void Interrupt(string changeId, DateTimeOffset now)
    {
        if (state.Open.FirstOrDefault(o => o.Change.ChangeId == changeId) is not { } open)
            return;
        if (open.Applying)
        {
            state = state with
            {
                Inventory = [.. state.Inventory, .. open.Planned.Where(p => !state.Inventory.Any(i => i.Is(p.Capability, p.Scope)))],
                Spec = open.Wanted is { } wanted && open.Change.Order.Kind is not (ChangeKind.Remove or ChangeKind.Clean) ? Merged(wanted, open.Change.Order) : state.Spec,
                SnapshotVersion = state.SnapshotVersion + 1,
            };
        }
        if (open.Change.Order.Environment is { } environment)
        {
            if (open.Applying)
                SetEnvironment(environment, new EnvironmentState { Phase = EnvironmentPhase.Interrupted, Because = changeId });
            else
                Settle(environment, open.Change.Order, completed: false, open.Change, now);
        }
        Close(changeId, new EndedChange
        {
            Change = open.Change,
            Outcome = ChangeOutcome.Interrupted,
            Message = open.Applying ? "Its workflow was stopped while it applied: repair or retire" : "Its workflow was stopped before it applied anything",
            PlanDigest = open.PlanDigest,
            EndedAt = now,
        });
    }

    /// <summary>When the next environment's grace is over.</summary>
    public DateTimeOffset? NextDue => Retiring.Min(e => e.Value.RetiringUntil);

    /// <summary>Changes that the service begins by itself now: removals after grace, and cleaning up what no environment needs.</summary>
    public IReadOnlyList<ServiceRequested> Due(DateTimeOffset now)
    {
        var due = new List<ServiceRequested>();
        foreach (var (environment, at) in Retiring.Where(e => e.Value.RetiringUntil <= now))
            due.Add(Own(ChangeKind.Remove, environment, Ids.Following(at.Because ?? "", $"remove {state.LastNumber}")));
        if (AtRest && state.Environments.Count == 0 && state.Inventory.Count > 0)
            due.Add(Own(ChangeKind.Clean, null, Ids.Following(name, $"clean {state.LastNumber}")));
        return due;
    }

    /// <summary>A removal begins: from now on nobody can restore.</summary>
    public void BeginRemoval(string environment) =>
        SetEnvironment(environment, state.Environments[environment] with { Phase = EnvironmentPhase.Removing, RetiringUntil = null });

    /// <summary>Stands as found: what the last run carried, or what carries the service's mark.</summary>
    public void Recover(RecoveredState found)
    {
        if (found.Last is { } last)
            state = last with { Open = AsAdopted(last.Open) };
        if (found.EndedWell)
            return;
        var unknown = found.Found.Where(f => !state.Inventory.Any(i => i.Is(f.Capability, f.Scope))).ToList();
        var spec = state.Spec.Name.Length > 0 && found.Last is not null ? state.Spec : found.Spec with { Name = name };
        foreach (var environment in unknown.Select(u => Scopes.EnvironmentOf(u.Scope)).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var wanted = found.Spec.Environment(environment) ?? new EnvironmentSpec();
            if (spec.Environment(environment) is null)
                spec = spec.With(environment, wanted);
            if (!state.Environments.ContainsKey(environment))
                SetEnvironment(environment, new EnvironmentState { Phase = EnvironmentPhase.Interrupted });
        }
        state = state with { Spec = spec with { Name = name }, Inventory = [.. state.Inventory, .. unknown], SnapshotVersion = state.SnapshotVersion + 1 };
    }

    /// <summary>The settings that this run was started with count, not those of the run before.</summary>
    public void Use(ServiceSettings settings) => state = state with { Settings = settings };

    public void Stamp(DateTimeOffset now) => state = state with { At = now };

    /// <summary>Environments whose removal will begin. A restore that was taken in time comes first, however long it takes.</summary>
    private IEnumerable<KeyValuePair<string, EnvironmentState>> Retiring => state.Environments.Where(e =>
        e.Value.Phase == EnvironmentPhase.Retiring
        && (revision == 0 || !state.Open.Any(o => o.Change.Order.Kind == ChangeKind.Restore && o.Change.Order.Environment == e.Key)));

    private static IReadOnlyList<OpenChange> AsAdopted(IEnumerable<OpenChange> open) => [.. open.Select(o => o with { Adopted = true })];

    private static ServiceRequested Own(ChangeKind kind, string? environment, string changeId) =>
        new() { ChangeId = changeId, Order = new ChangeOrder { Kind = kind, Environment = environment }, AskedBy = Principal.Onramp };

    private (string Kind, string Message)? Refusal(ServiceRequested request, DateTimeOffset now)
    {
        var order = request.Order;
        // When several were due, each begins after the one before: what was asked meanwhile comes first. And however much is open, what is due begins.
        if (revision > 4 && request.AskedBy == Principal.Onramp)
            return Due(now).Any(d => d.Order == order) ? null : (RequestRefusals.NotRetiring, $"{order.Kind} of {name} isn't due any more.");
        if (state.Open.Count >= CarriedState.MaxOpen)
            return (RequestRefusals.Busy, $"{name} has {state.Open.Count} open changes; wait for one to end, or call one off.");
        if (order.Team is { } team && state.Spec.Team.Length > 0 && team != state.Spec.Team)
            return (RequestRefusals.OtherTeam, $"{name} belongs to team {state.Spec.Team}.");
        if (order.Kind == ChangeKind.Clean)
            return null;
        if (order.Environment is not { } environment)
            return state.Environments.Count > 0 ? null : (RequestRefusals.Unknown, $"There is no service {name}.");
        var found = state.Environments.GetValueOrDefault(environment);
        return (order.Kind, found?.Phase) switch
        {
            (ChangeKind.Onboard, null) => null,
            (ChangeKind.Onboard, EnvironmentPhase.Onboarding) => (RequestRefusals.InFlight, $"{name} in {environment} is being onboarded by another request."),
            (ChangeKind.Onboard, EnvironmentPhase.Retiring or EnvironmentPhase.Removing) => (RequestRefusals.Retiring, $"{name} in {environment} is being retired; restore it, or wait until it is gone."),
            (ChangeKind.Onboard, _) => (RequestRefusals.Exists, $"{name} is in {environment} already; configure it."),
            (_, null) => (RequestRefusals.Unknown, $"{name} is not in {environment}."),
            (_, EnvironmentPhase.Onboarding) => (RequestRefusals.InFlight, $"{name} in {environment} is still being onboarded; wait, or call that off."),
            (ChangeKind.Remove, _) when request.AskedBy == Principal.Onramp => null,
            (_, EnvironmentPhase.Removing) => (RequestRefusals.Retiring, $"The removal of {name} from {environment} has begun."),
            (ChangeKind.Restore, EnvironmentPhase.Retiring) => null,
            (ChangeKind.Restore, _) => (RequestRefusals.NotRetiring, $"{name} in {environment} is not being retired."),
            (_, EnvironmentPhase.Retiring) => (RequestRefusals.Retiring, $"{name} in {environment} is being retired; restore it first."),
            _ => null,
        };
    }

    /// <summary>What an adopted thing was like at first counts, not what a later change saw.</summary>
    private InventoryItem StillFound(InventoryItem made)
    {
        if (state.Inventory.FirstOrDefault(i => i.Is(made.Capability, made.Scope))?.Found is not { } first || made.Found is null)
            return made;
        return made with { Found = new(first.Concat(made.Found.Where(f => !first.ContainsKey(f.Key))).ToDictionary(), StringComparer.Ordinal) };
    }

    private void TakeIn(ChangeHead head)
    {
        if (state.Open.Any(o => o.Change.ChangeId == head.ChangeId) || Ended(head.ChangeId) is not null)
            return;
        state = state with
        {
            Open = [.. state.Open, new OpenChange { Change = head, Adopted = true }],
            LastNumber = Math.Max(state.LastNumber, head.Number),
        };
        if (head.Order is { Kind: ChangeKind.Onboard, Environment: { } environment } && !state.Environments.ContainsKey(environment))
            SetEnvironment(environment, new EnvironmentState { Phase = EnvironmentPhase.Onboarding });
    }

    private void Settle(string environment, ChangeOrder order, bool completed, ChangeHead change, DateTimeOffset now)
    {
        var before = state.Environments.GetValueOrDefault(environment);
        EnvironmentState? after = (order.Kind, completed) switch
        {
            (ChangeKind.Onboard, false) => before?.Phase == EnvironmentPhase.Onboarding ? null : before,
            (ChangeKind.Remove, true) => null,
            (ChangeKind.Remove, false) => new EnvironmentState { Phase = EnvironmentPhase.Interrupted, Because = change.ChangeId },
            (ChangeKind.Quiet, true) => Retire(change, now),
            (_, true) when state.Spec.Environment(environment)?.Retiring == true => before?.Phase is EnvironmentPhase.Retiring or EnvironmentPhase.Removing ? before : Retire(change, now),
            (_, true) => new EnvironmentState { Phase = EnvironmentPhase.Active },
            _ => before,
        };
        SetEnvironment(environment, after);
    }

    private EnvironmentState Retire(ChangeHead because, DateTimeOffset now) =>
        new() { Phase = EnvironmentPhase.Retiring, RetiringUntil = now + state.Settings.Grace, Because = because.ChangeId };

    /// <summary>The change's part of its wanted spec; what others did meanwhile to other parts stays.</summary>
    private ServiceSpec Merged(ServiceSpec wanted, ChangeOrder order)
    {
        var merged = order.Kind is ChangeKind.Onboard or ChangeKind.Configure or ChangeKind.Repair
            ? state.Spec with { Team = wanted.Team, Description = wanted.Description, Visibility = wanted.Visibility }
            : state.Spec;
        return order.Environment is { } environment ? merged.With(environment, wanted.Environment(environment)) : merged;
    }

    private void Close(string changeId, EndedChange ended)
    {
        locks.Release(changeId);
        state = state with
        {
            Open = [.. state.Open.Where(o => o.Change.ChangeId != changeId)],
            Ended = [.. state.Ended.Append(ended).TakeLast(CarriedState.MaxEnded)],
        };
    }

    private void Change(string changeId, Func<OpenChange, OpenChange> change) =>
        state = state with { Open = [.. state.Open.Select(o => o.Change.ChangeId == changeId ? change(o) : o)] };

    private void SetEnvironment(string environment, EnvironmentState? value)
    {
        var environments = new SortedDictionary<string, EnvironmentState>(state.Environments, StringComparer.Ordinal);
        environments.Remove(environment);
        if (value is not null)
            environments.Add(environment, value);
        state = state with { Environments = environments };
    }
}
