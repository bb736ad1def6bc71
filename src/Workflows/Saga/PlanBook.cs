using System.Text.Json;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Saga;

/// <summary>
/// What has become of each action of a plan, and from that what may begin next: forwards, an action whose predecessors are done; backwards, one
/// that began and on which nothing that began still rests. Pure: no clock, no calls.
/// </summary>
public sealed class PlanBook
{
    /// <summary>Where a state may be reached from; everything else is a fault of ours.</summary>
    private static readonly Dictionary<ActionState, ActionState[]> Sources = new()
    {
        [ActionState.Running] = [ActionState.Waiting, ActionState.Stuck],
        [ActionState.Done] = [ActionState.Waiting, ActionState.Running],
        [ActionState.Failed] = [ActionState.Running],
        [ActionState.Cancelled] = [ActionState.Running, ActionState.Stuck],
        // Also of what failed or was cancelled: nobody knows how far it came.
        [ActionState.Undoing] = [ActionState.Done, ActionState.Failed, ActionState.Cancelled, ActionState.Stuck],
        [ActionState.Undone] = [ActionState.Undoing],
        [ActionState.Stuck] = [ActionState.Running, ActionState.Undoing],
        // A removal that was skipped, a one-way action, or an undo that was skipped.
        [ActionState.Left] = [ActionState.Running, ActionState.Stuck, ActionState.Undoing, ActionState.Done, ActionState.Failed, ActionState.Cancelled],
        [ActionState.HandedOver] = [ActionState.Done],
    };

    /// <summary>Nothing rests on these any more.</summary>
    private static readonly ActionState[] Settled = [ActionState.Waiting, ActionState.Undone, ActionState.Left, ActionState.HandedOver];

    private readonly List<PlannedAction> order;
    private readonly Dictionary<string, ActionView> views;
    private readonly Dictionary<string, ActionResult> results = new(StringComparer.Ordinal);
    private readonly HashSet<string> began = new(StringComparer.Ordinal);
    private readonly HashSet<string> skipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, JsonElement> outputs = new(StringComparer.Ordinal);

    /// <param name="plan">What is to be applied; what is kept is done already.</param>
    /// <param name="inventory">What there is: its outputs are known.</param>
    public PlanBook(ChangePlan plan, IEnumerable<InventoryItem> inventory)
    {
        order = [.. plan.Actions];
        views = order.ToDictionary(
            a => a.Id,
            a => new ActionView { Id = a.Id, Kind = a.Kind, Name = a.Name, State = a.Kind == ActionKind.Keep ? ActionState.Done : ActionState.Waiting },
            StringComparer.Ordinal);
        var scopes = order.Select(a => a.Scope).Append(Scopes.Component).ToHashSet(StringComparer.Ordinal);
        foreach (var item in inventory.Where(i => scopes.Contains(i.Scope)))
        {
            foreach (var (name, value) in item.Outputs)
                outputs[name] = value;
        }
    }

    public IReadOnlyList<ActionView> Views => [.. order.Select(a => views[a.Id])];

    public IReadOnlyList<PlannedAction> Actions => order;

    public bool IsDone => order.TrueForAll(a => views[a.Id].State is ActionState.Done or ActionState.Left);

    public ActionState StateOf(string id) => views[id].State;

    public bool Has(string id) => views.ContainsKey(id);

    /// <summary>What the action was answered last.</summary>
    public ActionResult? ResultOf(string id) => results.GetValueOrDefault(id);

    /// <summary>Whether the action began; then something of it may be there.</summary>
    public bool HasBegun(string id) => began.Contains(id);

    /// <summary>Whether somebody said to leave it as it is.</summary>
    public bool WasSkipped(string id) => views[id].By is not null;

    /// <summary>What an action is given by others.</summary>
    public IReadOnlyDictionary<string, JsonElement> InputsOf(PlannedAction action) =>
        new SortedDictionary<string, JsonElement>(outputs.Where(o => action.Needs.Contains(o.Key, StringComparer.Ordinal)).ToDictionary(), StringComparer.Ordinal);

    /// <summary>Actions that may begin now; they are under way when this returns.</summary>
    public IReadOnlyList<PlannedAction> BeginReady()
    {
        var ready = order.Where(a => views[a.Id].State == ActionState.Waiting && a.After.All(IsPast)).ToList();
        foreach (var action in ready)
        {
            Move(action.Id, ActionState.Running);
            began.Add(action.Id);
        }
        return ready;
    }

    public void Note(string id, ActionResult result)
    {
        results[id] = result;
        Set(id, views[id] with { Message = result.WaitingFor is { } what ? $"Waiting for {what}" : null, Link = result.Link ?? views[id].Link, Error = null });
    }

    public void Complete(string id, ActionResult result)
    {
        Note(id, result);
        foreach (var (name, value) in result.Outputs)
            outputs[name] = value;
        Move(id, ActionState.Done);
    }

    public void Fail(string id, StepError error)
    {
        Set(id, views[id] with { Error = error });
        Move(id, ActionState.Failed);
    }

    public void Cancel(string id) => Move(id, ActionState.Cancelled);

    public void Stick(string id, StepError error)
    {
        Set(id, views[id] with { Error = error, Message = error.Message });
        Move(id, ActionState.Stuck);
    }

    /// <summary>Tried again after being stuck, in the direction that it was going.</summary>
    public void Again(string id, bool undoing) => Move(id, undoing ? ActionState.Undoing : ActionState.Running);

    /// <summary>Left as it is, because somebody said so or because nothing brings it back.</summary>
    public void Leave(string id, string? by, string why)
    {
        skipped.Add(id);
        Set(id, views[id] with { By = by, Message = why });
        Move(id, ActionState.Left);
    }

    /// <summary>
    /// Actions that may be undone now; they are being undone when this returns. One-way actions are left, and what was made for all environments
    /// is the service's: both are settled here.
    /// </summary>
    public IReadOnlyList<PlannedAction> BeginUndo()
    {
        var begun = new List<PlannedAction>();
        bool settledAny;
        do
        {
            settledAny = false;
            foreach (var action in order.Where(a => CanUndo(a)).ToList())
            {
                if (action.Kind == ActionKind.Remove)
                {
                    Leave(action.Id, by: null, "No undo brings it back");
                    settledAny = true;
                }
                else if (action.Scope == Scopes.Component && action.Kind is ActionKind.Create or ActionKind.Adopt && StateOf(action.Id) == ActionState.Done)
                {
                    Move(action.Id, ActionState.HandedOver);
                    settledAny = true;
                }
                else
                {
                    Move(action.Id, ActionState.Undoing);
                    begun.Add(action);
                }
            }
        }
        while (settledAny);
        return begun;
    }

    public void Undone(string id) => Move(id, ActionState.Undone);

    /// <summary>Whether everything that began is undone, left or handed over.</summary>
    public bool IsUndone => order.Where(a => began.Contains(a.Id)).All(a => Settled.Contains(StateOf(a.Id)));

    /// <summary>What is left behind, in words: by state, and what the activities said of fields that somebody else has set.</summary>
    public IReadOnlyList<string> Left =>
    [
        .. order.Where(a => StateOf(a.Id) == ActionState.Left).Select(a => $"{a.Title} {a.Name}: {views[a.Id].Message}{(views[a.Id].By is { } by ? $" ({by})" : "")}"),
        .. order.SelectMany(a => ResultOf(a.Id)?.Left ?? []),
    ];

    private bool CanUndo(PlannedAction action) =>
        began.Contains(action.Id)
        && StateOf(action.Id) is ActionState.Done or ActionState.Failed or ActionState.Cancelled
        && order.Where(o => o.After.Contains(action.Id, StringComparer.Ordinal)).All(o => !began.Contains(o.Id) || Settled.Contains(StateOf(o.Id)));

    /// <summary>Whether what comes after it may begin: it is done, or somebody said to go on without.</summary>
    private bool IsPast(string id) => !views.TryGetValue(id, out var view) || view.State == ActionState.Done || skipped.Contains(id);

    private void Move(string id, ActionState to)
    {
        if (!Sources[to].Contains(StateOf(id)))
            throw new InvalidOperationException($"{id} can't become {to}: it is {StateOf(id)}");
        Set(id, views[id] with { State = to });
    }

    private void Set(string id, ActionView view) => views[id] = view;
}
