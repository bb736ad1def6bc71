using System.CommandLine;

namespace Onramp.Cli.Commands;

/// <summary>The command line as a whole.</summary>
internal static class OnrampCommand
{
    /// <summary>How long everything may take to drain after Ctrl-C or SIGTERM.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    public static RootCommand Create() =>
        new("Takes a service from asked for to running.")
        {
            TryCommand.Create(),
            UpCommand.Create(),
            PartCommands.Server(),
            PartCommands.Worker(),
            PartCommands.Starter(),
            PartCommands.Sandbox(),
            UiCommands.Create(),
            UserCommands.Create(),
            UserCommands.List(),
            UserCommands.Get(),
            UserCommands.Watch(),
            DecisionCommands.Approve(),
            DecisionCommands.Reject(),
            UserCommands.Cancel(),
        };
}
