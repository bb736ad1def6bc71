using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>What a change tells its service: what it is about to make, and how it ended.</summary>
internal static class ChangeReport
{
    /// <summary>Recorded by the service before anything is applied.</summary>
    public static ScopesAsked Asked(ChangeState state, ChangePlan plan, IReadOnlyList<string> scopes) => new()
    {
        Change = state.Head,
        Scopes = scopes,
        PlanDigest = plan.Digest,
        Planned = [.. plan.Actions.Where(a => a.Kind is ActionKind.Create or ActionKind.Adopt).Select(a => ItemOf(a, null, state.Input.ChangeId))],
        Wanted = plan.Wanted,
    };

    public static ChangeFinished Finished(ChangeState state, ChangeOutcome outcome)
    {
        var actions = state.Book?.Actions ?? [];
        var kept = outcome == ChangeOutcome.Completed ? ActionState.Done : ActionState.HandedOver;
        return new ChangeFinished
        {
            Change = state.Head,
            Outcome = outcome,
            Message = state.View.Message,
            PlanDigest = state.Plan?.Digest ?? "",
            ApprovedBy = state.ApprovedBy,
            Wanted = state.Plan?.Wanted ?? new ServiceSpec(),
            Made =
            [
                .. actions.Where(a => a.Kind is not (ActionKind.Remove or ActionKind.Keep) && state.Book!.StateOf(a.Id) == kept)
                    .Select(a => ItemOf(a, state.Book!.ResultOf(a.Id), state.Input.ChangeId)),
            ],
            Gone = [.. actions.Where(a => a.Kind == ActionKind.Remove && IsGone(state.Book!, a)).Select(a => a.Id)],
            Left = state.Book?.Left ?? [],
        };
    }

    /// <summary>Removed, or given up with a name: either way the service has it no more.</summary>
    private static bool IsGone(PlanBook book, PlannedAction action) => book.StateOf(action.Id) switch
    {
        ActionState.Done => true,
        ActionState.Left => book.ResultOf(action.Id)?.Ready == true || book.WasSkipped(action.Id),
        _ => false,
    };

    private static InventoryItem ItemOf(PlannedAction action, ActionResult? result, string changeId) => new()
    {
        Capability = action.Capability,
        Scope = action.Scope,
        Name = action.Name,
        Id = result?.Id ?? "",
        Spec = action.Spec,
        Fields = action.Fields,
        Outputs = result?.Outputs ?? new(StringComparer.Ordinal),
        Adopted = action.Adopted,
        Found = action.Adopted ? new(action.Changes.ToDictionary(c => c.Field, c => c.Before, StringComparer.Ordinal), StringComparer.Ordinal) : null,
        ChangeId = changeId,
        Link = result?.Link,
    };
}
