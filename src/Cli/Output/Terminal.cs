using Spectre.Console;

namespace Onramp.Cli.Output;

/// <summary>Standard output: colours on a terminal, plain text elsewhere; lines are never cut to a guessed width.</summary>
internal static class Terminal
{
    private const int UnboundedWidth = 1000;

    /// <summary>Whether someone can be asked.</summary>
    public static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    public static IAnsiConsole Create()
    {
        var plain = Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Out),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (plain)
            console.Profile.Width = UnboundedWidth;
        return console;
    }
}
