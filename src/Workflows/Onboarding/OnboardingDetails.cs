using System.Globalization;
using System.Text;
using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;

namespace Onramp.Workflows.Onboarding;

/// <summary>A run as Temporal's UI shows it: where it stands, whom it waits for, what to do, and a table of its steps.</summary>
public static class OnboardingDetails
{
    private static readonly string[] Head = ["system", "step", "state", "attempt", "link"];

    /// <summary>A run in a line.</summary>
    public static string Summary(ServiceRequest request) => Markdown.Cut(
        $"Onboard {Markdown.Escape(request.Name)} ({Markdown.Escape(request.Environment)}) for {Markdown.Escape(request.Team)}", Markdown.MaximumSummaryBytes);

    /// <summary>What is known when it is asked for, and never changes.</summary>
    public static string Of(ServiceRequest request)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{Markdown.Escape(request.Name)}** in {Markdown.Escape(request.Environment)}, for team {Markdown.Escape(request.Team)}");
        text.Append(CultureInfo.InvariantCulture, $", asked for by {Markdown.Escape(request.Requester)}.\n");
        if (request.Description is { Length: > 0 } description)
            text.Append(CultureInfo.InvariantCulture, $"\n> {Markdown.Escape(description)}\n");
        text.Append(CultureInfo.InvariantCulture, $"\nSize {Markdown.Escape(request.Plan)}, template {Markdown.Escape(request.Template)} in {Markdown.Escape(request.Language)}, tier {Markdown.Escape(request.Tier)}.\n");
        if (request.CostCenter is { Length: > 0 } costCenter)
            text.Append(CultureInfo.InvariantCulture, $"Paid by {Markdown.Escape(costCenter)}.\n");
        return Markdown.Cut(text.ToString(), Markdown.MaximumDetailsBytes);
    }

    /// <summary>How it is now.</summary>
    internal static string Of(OnboardingProgress progress)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{progress.Phase}**: {Markdown.Escape(progress.Message)}\n\n");
        if (progress.Approval is { State: ApprovalStates.Waiting } approval)
            text.Append(CultureInfo.InvariantCulture, $"Waits for {Markdown.Escape(ApprovalText.Wanted(approval.Requirement))} until {approval.ExpiresAt:u}; plan {approval.PlanDigest}.\n\n");
        if (progress.Remediation is { Length: > 0 } remediation)
            text.Append(CultureInfo.InvariantCulture, $"What to do: {Markdown.Escape(remediation)}\n\n");
        text.Append(Markdown.Table(Head, progress.Steps.Select(Row)));
        foreach (var warning in progress.Warnings)
            text.Append(CultureInfo.InvariantCulture, $"\nWarning: {Markdown.Escape(warning)}\n");
        return text.ToString();
    }

    private static string[] Row(StepProgress step) =>
    [
        step.System,
        Markdown.Escape(step.Title),
        StateOf(step),
        step.Attempt > 0 ? step.Attempt.ToString(CultureInfo.InvariantCulture) : "",
        Markdown.Link("look", step.Link),
    ];

    private static string StateOf(StepProgress step)
    {
        var state = step.State switch
        {
            StepState.Succeeded => "✓ done",
            StepState.Warning => "✓ done, with a warning",
            StepState.Running => "▶ running",
            StepState.Failed => "✗ failed",
            StepState.UndoFailing => "✗ undo keeps failing",
            StepState.Undoing => "↩ being undone",
            StepState.Undone => "↩ undone",
            StepState.Skipped => "– not asked for",
            StepState.Cancelled => "– stopped",
            _ => "waits",
        };
        return step is { State: StepState.Failed or StepState.UndoFailing, LastError: { } error } ? $"{state}: {Markdown.Escape(error.Message)}" : state;
    }
}
