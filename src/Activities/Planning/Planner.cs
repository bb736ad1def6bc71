using Onramp.Activities.Capabilities;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Planning;

/// <summary>
/// The difference between what is wanted and what is there, as actions. Pure: the same input, the same plan.
/// <code>
/// wanted  there          →
/// yes     nothing        create
/// yes     ours           keep, or change when a field differs
/// yes     nobody's       adopt where the order says so, else refused
/// yes     somebody's     refused
/// no      ours           remove (let go of, if it was adopted)
/// no      anything else  nothing to do
/// </code>
/// </summary>
internal sealed class Planner(CapabilitySet capabilities, PriceList prices)
{
    public const string Version = "plan/1";

    public ChangePlan Plan(PlanInput input)
    {
        var refusals = input.Resolved.Refusals.ToList();
        var actions = new List<PlannedAction>();
        foreach (var thing in input.Resolved.Things)
        {
            var seen = input.Observed.FirstOrDefault(o => o.Capability == thing.Capability && o.Scope == thing.Scope);
            if (capabilities.Find(thing.Capability) is not { } capability)
                refusals.Add(new PlanRefusal(thing.Capability, ErrorTypes.NotFound, $"This version knows no '{thing.Capability}'"));
            else if (seen is null)
                refusals.Add(new PlanRefusal(thing.Capability, ErrorTypes.ExternalBug, $"{thing.Id} was not looked at"));
            else if (Refusal(thing, seen) is { } refusal)
                refusals.Add(refusal);
            else if (ActionOf(capability, thing, seen, input.Snapshot) is { } action)
                actions.Add(action);
        }
        var ordered = InOrder(actions);
        return new ChangePlan
        {
            Actions = ordered,
            Digest = PlanDigests.Of(ordered),
            Scopes = [.. ordered.Where(a => a.Kind != ActionKind.Keep).Select(a => a.Scope).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Wanted = input.Resolved.Wanted,
            MonthlyBefore = ordered.Sum(a => a.MonthlyBefore),
            MonthlyAfter = ordered.Sum(a => a.MonthlyAfter),
            Currency = prices.Currency,
            PricesVersion = prices.Version,
            PlannerVersion = Version,
            Refusals = refusals,
        };
    }

    private static PlanRefusal? Refusal(Thing thing, Observed seen)
    {
        if (!thing.Wanted || !seen.Exists || seen.Going || seen.Owner == thing.Owner.ToString())
            return null;
        if (seen.Owner is { } other)
            return new PlanRefusal("name", ErrorTypes.OwnedByOther, $"{thing.System}: {thing.Name} belongs to {other}", "Choose another service name.");
        return thing.MayAdopt
            ? null
            : new PlanRefusal("name", ErrorTypes.NameTaken, $"{thing.System}: the name {thing.Name} is taken", "Choose another service name, or adopt it if it is yours.");
    }

    private PlannedAction? ActionOf(ICapability capability, Thing thing, Observed seen, ServiceSnapshot snapshot)
    {
        var known = snapshot.Inventory.FirstOrDefault(i => i.Is(thing.Capability, thing.Scope));
        var ours = seen.Exists && seen.Owner == thing.Owner.ToString();
        if (!thing.Wanted && !ours)
            return null;
        var changes = Differences(thing, seen.Going ? seen with { Fields = [] } : seen, known);
        var kind = !thing.Wanted ? ActionKind.Remove
            : !seen.Exists || seen.Going ? ActionKind.Create
            : !ours ? ActionKind.Adopt
            : changes.Count > 0 || seen.Health == Health.Working || !IsKnown(known, capability.Row) ? ActionKind.Change
            : ActionKind.Keep;
        var row = capability.Row;
        return new PlannedAction
        {
            Id = thing.Id,
            Kind = kind,
            Capability = row.Id,
            Title = row.Title,
            System = row.System,
            Scope = thing.Scope,
            Name = thing.Name,
            Reason = Reason(kind, changes, seen),
            Changes = kind == ActionKind.Remove ? GivenBack(seen, known) : changes,
            Spec = thing.Spec,
            Fields = thing.Wanted ? thing.Fields : [],
            Needs = row.Needs,
            MonthlyBefore = seen.Exists && (thing.Wanted ? thing.Spec : known?.Spec) is { } before ? prices.Of(capability, before) : 0,
            MonthlyAfter = thing.Spec is { } after ? prices.Of(capability, after) : 0,
            Irreversible = kind == ActionKind.Remove && known?.Adopted != true,
            Adopted = kind == ActionKind.Adopt || known?.Adopted == true,
            Ensure = row.Ensure,
            Remove = row.Remove,
            AttemptTimeout = row.AttemptTimeout,
            WaitLimit = row.WaitLimit,
        };
    }

    /// <summary>What it gives to others is known, too; of what an interrupted change planned it isn't.</summary>
    private static bool IsKnown(InventoryItem? known, CapabilityRow row) => known is not null && row.Makes.All(known.Outputs.ContainsKey);

    /// <summary>Wanted fields that are otherwise, and fields that we set once and that nobody wants any more.</summary>
    private static IReadOnlyList<FieldChange> Differences(Thing thing, Observed seen, InventoryItem? known) =>
    [
        .. thing.Fields.Keys.Union(known?.Fields.Keys ?? Enumerable.Empty<string>(), StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(f => new FieldChange(f, seen.Fields.GetValueOrDefault(f), thing.Fields.GetValueOrDefault(f)))
            .Where(c => c.Before != c.After),
    ];

    /// <summary>What was adopted is let go of as it was found, in the fields that we set and that nobody has set since.</summary>
    private static IReadOnlyList<FieldChange> GivenBack(Observed seen, InventoryItem? known) =>
    [
        .. (known?.Found ?? []).Select(f => new FieldChange(f.Key, seen.Fields.GetValueOrDefault(f.Key), f.Value))
            .Where(c => c.Before != c.After && c.Before == known!.Fields.GetValueOrDefault(c.Field)),
    ];

    private static string Reason(ActionKind kind, IReadOnlyList<FieldChange> changes, Observed seen) => kind switch
    {
        ActionKind.Create => "It isn't there.",
        ActionKind.Change when changes.Count == 0 && seen.Health == Health.Working => $"It isn't ready: {seen.Reason}",
        ActionKind.Change when changes.Count == 0 => "It is the service's, and wasn't known.",
        ActionKind.Change => $"{string.Join(", ", changes.Select(c => c.Field))} {(changes.Count == 1 ? "differs" : "differ")}.",
        ActionKind.Adopt => "It is there, and nobody's.",
        ActionKind.Remove => "It isn't wanted any more.",
        _ => "It is as it should be.",
    };

    /// <summary>
    /// What is made comes after what it stands on, what is removed after what stands on it, and one-way actions after all others.
    /// </summary>
    private List<PlannedAction> InOrder(List<PlannedAction> actions)
    {
        var ordered = actions.Select(a => a with { After = [.. actions.Where(o => ComesBefore(o, a)).Select(o => o.Id)] }).ToList();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<PlannedAction>();
        while (result.Count < ordered.Count)
        {
            var next = ordered.First(a => !done.Contains(a.Id) && a.After.All(done.Contains));
            done.Add(next.Id);
            result.Add(next);
        }
        return result;
    }

    private bool ComesBefore(PlannedAction first, PlannedAction then)
    {
        if (first.Id == then.Id)
            return false;
        var removes = then.Kind == ActionKind.Remove;
        if (removes != (first.Kind == ActionKind.Remove))
            return removes;
        var (below, above) = removes ? (then, first) : (first, then);
        return capabilities.Registry.Before(above.Capability).Contains(below.Capability)
            && (below.Scope == Scopes.Component || below.Scope == above.Scope);
    }
}
