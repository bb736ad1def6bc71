using System.Globalization;
using Onramp.Workflows.Contracts;
using Spectre.Console;

namespace Onramp.Cli.Output;

/// <summary>Shows an approver what is to be decided on.</summary>
internal static class PlanPrinter
{
    public static void Print(IAnsiConsole console, OnboardingProgress progress)
    {
        if (progress.Plan is not { } plan)
            return;
        var table = new Table { Border = console.Profile.Capabilities.Ansi ? TableBorder.Rounded : TableBorder.Simple };
        table.AddColumns("System", "Kind", "Name", "Detail");
        foreach (var resource in plan.Resources)
            table.AddRow(Markup.Escape(resource.System), Markup.Escape(resource.Kind), Markup.Escape(resource.Name), Markup.Escape(resource.Detail));
        console.Write(table);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Monthly estimate [bold]{plan.Cost.MonthlyTotal:0.00} {plan.Cost.Currency}[/]. Plan digest {plan.Digest[..12]}.");
        if (progress.Approval?.Requirement is { IsNeeded: true } needed)
        {
            var who = string.Join(", ", needed.Groups.Select(g => $"{g.Count} of {g.Group}"));
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Approval needed from {who} ({string.Join(", ", needed.Reasons)}), never from {progress.Requester}.");
        }
    }
}
