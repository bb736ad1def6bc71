using System.Globalization;
using System.Text.Json;
using Onramp.Cli.Api;
using Onramp.Starter.Events;
using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;
using Spectre.Console;

namespace Onramp.Cli.Output;

/// <summary>Writes a run as it goes: a line for each phase, each step that ends, and each attempt that fails.</summary>
internal sealed class RunPrinter(IAnsiConsole console)
{
    private const int TitleWidth = 48;

    private readonly Dictionary<string, int> failedAttempts = new(StringComparer.Ordinal);

    /// <summary>The phase told last.</summary>
    public OnboardingPhase Phase { get; private set; }

    /// <summary>The last event, once it came.</summary>
    public EndEvent? End { get; private set; }

    public void Print(StreamedEvent happened)
    {
        switch (happened.Name)
        {
            case "phase":
                var phase = Read<PhaseEvent>(happened);
                Phase = phase.Phase;
                if (phase.Phase is OnboardingPhase.AwaitingApproval or OnboardingPhase.Compensating)
                    console.MarkupLineInterpolated($"[yellow]◆[/] {phase.Message}");
                break;
            case "step":
                Print(Read<StepProgress>(happened));
                break;
            case "end":
                End = Read<EndEvent>(happened);
                break;
        }
    }

    private void Print(StepProgress step)
    {
        var (mark, color) = step.State switch
        {
            StepState.Succeeded => ("✓", "green"),
            StepState.Warning => ("!", "yellow"),
            StepState.Skipped => ("–", "grey"),
            StepState.Failed => ("✗", "red"),
            StepState.Cancelled => ("–", "yellow"),
            StepState.Undone => ("↩", "yellow"),
            StepState.UndoFailing => ("✗", "red"),
            _ => ("", ""),
        };
        if (mark.Length == 0)
        {
            PrintRetry(step);
            return;
        }
        var title = step.Title.Length > TitleWidth ? step.Title[..(TitleWidth - 1)] + "…" : step.Title.PadRight(TitleWidth);
        var what = step.State switch
        {
            StepState.Skipped => "not asked for",
            StepState.Undone => "undone",
            StepState.Failed or StepState.UndoFailing or StepState.Warning => step.LastError?.Message ?? "",
            StepState.Cancelled => "cancelled",
            _ => "",
        };
        console.MarkupLine($"[{color}]{mark}[/] {Markup.Escape(step.System),-13} {Markup.Escape(title)} [grey]{Took(step),7}[/]  {Markup.Escape(what)}".TrimEnd());
    }

    private void PrintRetry(StepProgress step)
    {
        if (step.LastError is not { } error || step.Attempt < 2 || failedAttempts.GetValueOrDefault(step.Id) >= step.Attempt)
            return;
        failedAttempts[step.Id] = step.Attempt;
        console.MarkupLine($"[yellow]…[/] {Markup.Escape(step.System),-13} {Markup.Escape(step.Title)}: [grey]attempt {step.Attempt} after {Markup.Escape(error.Message)}[/]");
    }

    private static string Took(StepProgress step) =>
        step.StartedAt is { } started && step.EndedAt is { } ended
            ? (ended - started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
            : "";

    private static T Read<T>(StreamedEvent happened) => JsonSerializer.Deserialize<T>(happened.Data, ApiJson.Options)!;
}
