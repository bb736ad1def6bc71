using System.Globalization;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Spectre.Console;

namespace Onramp.Cli.Output;

/// <summary>Services and problems as text.</summary>
internal static class ServicePrinter
{
    public static void PrintList(IAnsiConsole console, IReadOnlyList<ServiceSummary> items)
    {
        if (items.Count == 0)
        {
            console.WriteLine("No services.");
            return;
        }
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("ID", "TEAM", "STATUS", "PHASE", "STARTED");
        foreach (var item in items)
        {
            table.AddRow(Markup.Escape(item.Id), Markup.Escape(item.Team), Colored(item.Status), item.Phase.ToString(),
                item.StartedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
        console.Write(table);
    }

    public static void Print(IAnsiConsole console, ServiceView view)
    {
        var progress = view.Progress;
        console.MarkupLine($"[bold]{Markup.Escape(view.Id)}[/]  {Colored(progress.Status)}  {progress.Phase}");
        console.MarkupLineInterpolated($"  {progress.Message}");
        foreach (var step in progress.Steps)
        {
            var error = step.LastError is { } e && step.State is not StepState.Succeeded ? $"  {e.Type}: {e.Message}" : "";
            console.MarkupLineInterpolated($"  {step.State.ToString().ToLowerInvariant(),-11} {step.System,-13} {step.Title}{error}");
        }
        if (progress.Remediation is { Length: > 0 } remediation)
            console.MarkupLineInterpolated($"  What to do: {remediation}");
        foreach (var warning in progress.Warnings)
            console.MarkupLineInterpolated($"  [yellow]{warning}[/]");
        PrintLinks(console, progress.Links);
        if (view.RunPage is { } page)
            PrintLink(console, "The run in Temporal's web UI", page);
    }

    public static void PrintLinks(IAnsiConsole console, IReadOnlyList<OnboardingLink> links)
    {
        foreach (var link in links)
            PrintLink(console, link.Title, link.Url);
    }

    /// <summary>Past the console's own line breaking: an address in two lines can't be followed.</summary>
    public static void PrintLink(IAnsiConsole console, string title, string url) =>
        console.Profile.Out.Writer.WriteLine($"  {title,-42} {url}");

    public static void PrintProblem(TextWriter error, Problem problem)
    {
        error.WriteLine($"onramp: {problem.Title}: {problem.Detail}");
        if (problem.Errors.Count > 1)
        {
            foreach (var broken in problem.Errors)
                error.WriteLine($"  {broken.Field} ({broken.Rule}): {broken.Message}");
        }
        if (problem.Status >= 500)
            error.WriteLine($"  correlation id {problem.CorrelationId}");
    }

    private static string Colored(OnboardingStatus status)
    {
        var text = status.ToString().ToLowerInvariant();
        return status switch
        {
            OnboardingStatus.Completed => $"[green]{text}[/]",
            OnboardingStatus.Failed => $"[red]{text}[/]",
            _ => $"[yellow]{text}[/]",
        };
    }
}
