using Spectre.Console;

namespace Onramp.Cli.Output;

/// <summary>Standard output: colours on a terminal, plain text elsewhere; lines are never cut to a guessed width.</summary>
internal static class Terminal
{
    private const int UnboundedWidth = 200;

    /// <summary>Whether someone can be asked.</summary>
    public static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    public static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = UnboundedWidth;
        return console;
    }
}
