using System.Globalization;
using System.Text;
using Onramp.Workflows.Display;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>What Temporal's UI shows of services and changes, in Markdown. It decides nothing and is in no digest.</summary>
public static class ChangeWords
{
    private static readonly string[] ActionHead = ["action", "thing", "name", "state", "link"];
    private static readonly string[] EnvironmentHead = ["environment", "phase", "until"];
    private static readonly string[] OpenHead = ["open change", "what", "asked by"];

    /// <summary>A change in a line.</summary>
    public static string Summary(ChangeHead head, string service) =>
        $"#{head.Number} {Describe(head.Order, service)}, asked by {Markdown.Escape(head.AskedBy.Name, Markdown.MaximumSummaryBytes / 3)}";

    /// <summary>A request in a line.</summary>
    public static string Summary(ChangeOrder order, string service, Principal by) =>
        $"{Describe(order, service)}, asked by {Markdown.Escape(by.Name, Markdown.MaximumSummaryBytes / 3)}";

    /// <summary>What is known of a change when it begins, and stays.</summary>
    public static string Details(ChangeOrder order, string service, Principal by)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{Describe(order, service)}**, asked by {Markdown.Escape(by.Name)}.\n");
        if (order.Team is { Length: > 0 } team)
            text.Append(CultureInfo.InvariantCulture, $"\nFor team {Markdown.Escape(team)}.\n");
        if (order.Description is { Length: > 0 } description)
            text.Append(CultureInfo.InvariantCulture, $"\n> {Markdown.Escape(description)}\n");
        return text.ToString();
    }

    /// <summary>A service as it is now.</summary>
    internal static string Describe(CarriedState state)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{Markdown.Escape(state.Spec.Name)}** of team {Markdown.Escape(state.Spec.Team)}: {ServiceStatus.Of(state)}\n");
        if (state.Environments.Count > 0)
        {
            text.Append('\n').Append(Markdown.Table(EnvironmentHead, state.Environments.Select(e =>
                new[] { Markdown.Escape(e.Key), $"{e.Value.Phase}", e.Value.RetiringUntil is { } until ? until.ToString("u", CultureInfo.InvariantCulture) : "" })));
        }
        if (state.Open.Count > 0)
        {
            text.Append('\n').Append(Markdown.Table(OpenHead, state.Open.Select(o =>
                new[] { $"#{o.Change.Number}", Describe(o.Change.Order, state.Spec.Name), Markdown.Escape(o.Change.AskedBy.Name) })));
        }
        return text.ToString();
    }

    /// <summary>A change as it is now: what people have to do, and its actions.</summary>
    internal static string Describe(ChangeView view)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{(view.Outcome == ChangeOutcome.None ? view.Phase : view.Outcome)}**: {Markdown.Escape(view.Message)}\n");
        if (view.Held is { } hold)
            text.Append(CultureInfo.InvariantCulture, $"\nAll applying is held by {Markdown.Escape(hold.By.Name)}: {Markdown.Escape(hold.Reason)}\n");
        if (view.Paused)
            text.Append("\nPaused by an operator.\n");
        if (view.Remediation is { Length: > 0 } remediation)
            text.Append(CultureInfo.InvariantCulture, $"\nWhat to do: {Markdown.Escape(remediation)}\n");
        if (view.Plan is { } plan)
        {
            var states = view.Actions.ToDictionary(a => a.Id, StringComparer.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"\nPlan {plan.Digest}:\n\n");
            text.Append(Markdown.Table(ActionHead, plan.Actions.Select(a => Row(a, states.GetValueOrDefault(a.Id)))));
        }
        foreach (var left in view.Left)
            text.Append(CultureInfo.InvariantCulture, $"\nLeft behind: {Markdown.Escape(left)}\n");
        return text.ToString();
    }

    private static string Describe(ChangeOrder order, string service) =>
        $"{order.Kind} {Markdown.Escape(service, Markdown.MaximumSummaryBytes / 4)}{(order.Environment is { } environment ? $" in {Markdown.Escape(environment, Markdown.MaximumSummaryBytes / 4)}" : "")}";

    private static string[] Row(PlannedAction action, ActionView? seen) =>
    [
        $"{action.Kind}",
        Markdown.Escape(action.Title),
        Markdown.Escape(action.Name),
        StateOf(seen),
        Markdown.Link("look", seen?.Link),
    ];

    private static string StateOf(ActionView? seen)
    {
        var state = seen?.State switch
        {
            ActionState.Running => "▶ running",
            ActionState.Done => "✓ done",
            ActionState.Failed => "✗ failed",
            ActionState.Cancelled => "– stopped",
            ActionState.Undoing => "↩ being undone",
            ActionState.Undone => "↩ undone",
            ActionState.Stuck => "✗ stuck",
            ActionState.Left => "– left",
            ActionState.HandedOver => "✓ handed over",
            _ => "waits",
        };
        return (seen, seen?.State) switch
        {
            ({ Error: { } error }, ActionState.Failed or ActionState.Stuck) => $"{state}: {Markdown.Escape(error.Message)}",
            ({ By: { Length: > 0 } by }, _) => $"{state} by {Markdown.Escape(by)}",
            _ => state,
        };
    }
}
