using System.CommandLine;
using Onramp.Cli.Hosting;
using Onramp.Cli.Ui;

namespace Onramp.Cli.Commands;

/// <summary>Temporal's web UI, which the embedded server serves.</summary>
internal static class UiCommands
{
    public static Command Create() => new("ui", "Temporal's web UI") { Build() };

    private static Command Build()
    {
        var command = new Command("build", "Build Temporal's web UI, once (needs Node.js and npm; takes about a minute)");
        var data = new Option<string>("--data") { Description = "Data folder that keeps it", HelpName = "DIR", DefaultValueFactory = _ => DataFolder.Default };
        command.Add(data);
        command.SetAction(async (result, cancellationToken) =>
        {
            var pages = await WebUi.BuildAsync(result.GetRequiredValue(data), cancellationToken);
            Console.Out.WriteLine($"The web UI is there: onramp up --ui serves it ({pages}).");
            return ExitCodes.Done;
        });
        return command;
    }
}
