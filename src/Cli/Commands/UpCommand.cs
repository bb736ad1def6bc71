using System.CommandLine;
using System.Net;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Cli.Telemetry;
using Onramp.Cli.Ui;
using Onramp.EmbeddedServer;
using Serilog.Events;

namespace Onramp.Cli.Commands;

/// <summary>Everything in one process, until it is stopped.</summary>
internal static class UpCommand
{
    private const int DefaultApiPort = 5080;

    public static Command Create()
    {
        var command = new Command("up", "Start server, sandbox, worker and starter in one process");
        var api = EndPoints.Option("--api-listen", "Where the HTTP API listens", new IPEndPoint(IPAddress.Loopback, DefaultApiPort));
        var temporal = EndPoints.Option("--temporal-listen", "Where the embedded Temporal server listens", new IPEndPoint(IPAddress.Loopback, 7233));
        var data = new Option<string>("--data")
        {
            Description = "Folder of the data files, or :memory:",
            HelpName = "DIR",
            DefaultValueFactory = _ => DataFolder.Default,
        };
        var sandboxPort = PartOptions.SandboxPort();
        var noSandbox = new Option<bool>("--no-sandbox") { Description = "Work on the real systems, as --config and the environment say" };
        var config = PartOptions.Config();
        var tokens = new TokenOptions();
        var temporalUi = TemporalUiOption.Create();
        var ui = new UiOptions(UiOptions.DefaultPort);
        var logs = new LogOptions(LogEventLevel.Information);
        foreach (var option in new Option[] { api, temporal, data, sandboxPort, noSandbox, config })
            command.Add(option);
        command.Add(temporalUi);
        tokens.AddTo(command);
        ui.AddTo(command);
        logs.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = result.GetRequiredValue(data) is var named && named == TemporalServerOptions.InMemory ? null : named;
            var settings = TemporalSettings.FromEnvironment();
            var options = new StackOptions
            {
                Api = result.GetRequiredValue(api),
                Temporal = result.GetRequiredValue(temporal),
                DataDirectory = folder,
                SandboxPort = result.GetValue(sandboxPort),
                WithSandbox = !result.GetValue(noSandbox),
                ConfigurationFile = result.GetValue(config),
                Tokens = tokens.Read(result),
                Ui = await ui.ReadAsync(result, settings, folder, cancellationToken),
                TemporalUi = TemporalUiOption.Read(result, temporalUi),
            };
            using var log = new Logs(logs.Read(result));
            using var exporting = Exporting.Start(Environment.GetEnvironmentVariable);
            await using var stack = await OnrampStack.StartAsync(options, settings, log, cancellationToken);
            Addresses.Print(Console.Out, stack);
            if (stack is { IsEmbedded: true, Ui: null })
                Console.Out.WriteLine($"Runs can be seen in Temporal's web UI: onramp up {UiOptions.Name} ({(WebUi.Find(folder) is null ? "it is built once, which needs Node.js and npm" : "it is built already")}).");
            Console.Out.WriteLine("Ready. Ctrl-C stops it.");
            await Waiting.ForEndAsync(cancellationToken, stack.WorkerCompletion, stack.StoreFailed);
            Console.Out.WriteLine("Draining.");
            return ExitCodes.Done;
        });
        return command;
    }
}
