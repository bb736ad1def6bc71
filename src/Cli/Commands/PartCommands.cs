using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Cli.Telemetry;
using Onramp.Sandbox;
using Onramp.Starter;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage;
using Onramp.Worker;
using Serilog.Events;

namespace Onramp.Cli.Commands;

/// <summary>One part a process, as a cluster runs them.</summary>
internal static class PartCommands
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromMinutes(2);

    public static Command Server()
    {
        var command = new Command("server", "Start the embedded Temporal server alone") { DevServerCommands.Dev(), DevServerCommands.Test(), BackupCommand.Create() };
        var listen = EndPoints.Option("--listen", "Where it listens for gRPC", new IPEndPoint(IPAddress.Loopback, TemporalServerOptions.DefaultPort));
        var http = EndPoints.Optional("--http-listen", "Where it listens for Temporal's HTTP API [default: nowhere]");
        var ui = EndPoints.Optional("--ui-listen", "Where it listens for Temporal's web UI, with its pages if they are built [default: nowhere]");
        var pages = new UiOptions(UiOptions.DefaultPort);
        var uiHosts = UiOptions.Hosts();
        var data = new Option<string>("--data") { Description = "SQLite file that keeps everything, or :memory:", HelpName = "FILE", DefaultValueFactory = _ => TemporalServerOptions.InMemory };
        var namespaces = new Option<string[]>("--namespace") { Description = "Namespace to make when missing (repeatable) [default: default]", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var certificate = new Option<string?>("--tls-cert") { Description = "Serve TLS with this certificate (PEM)", HelpName = "FILE" };
        var key = new Option<string?>("--tls-key") { Description = "Private key of the certificate (PEM)", HelpName = "FILE" };
        var clientAuthority = new Option<string?>("--tls-client-ca") { Description = "Clients must show a certificate that one of these issued (PEM)", HelpName = "FILE" };
        var access = new AccessOptions();
        foreach (var option in new Option[] { listen, http, ui, uiHosts, data, namespaces, certificate, key, clientAuthority })
            command.Add(option);
        pages.AddTo(command);
        access.AddTo(command);
        return Run(command, async (result, logs, cancellationToken) =>
        {
            var settings = TemporalSettings.FromEnvironment();
            var place = await pages.ReadAsync(result, result.GetValue(ui), cancellationToken);
            await using var server = await TemporalServer.StartAsync(
                new TemporalServerOptions
                {
                    Listen = result.GetRequiredValue(listen),
                    HttpListen = result.GetValue(http),
                    UiListen = place?.Listen,
                    UiFiles = place?.Files,
                    UiHosts = result.GetRequiredValue(uiHosts),
                    DataFile = DataFiles.Check(result.GetRequiredValue(data)),
                    Namespaces = result.GetRequiredValue(namespaces) is { Length: > 0 } named ? named : [settings.Namespace],
                    Certificate = Certificates.ReadPair(result.GetValue(certificate), result.GetValue(key)),
                    ClientAuthorities = Certificates.ReadAuthorities(result.GetValue(clientAuthority)),
                    ApiKeys = access.ReadKeys(result),
                    Tokens = access.ReadTokens(result),
                    LoggerFactory = logs.For("server"),
                }, cancellationToken);
            if (server.UiEndPoint is { } served)
                Console.Out.WriteLine(UiOptions.Describe(served, place!.Files, isTls: result.GetValue(certificate) is not null));
            await ServeAsync($"Temporal server on {server.EndPoint}", cancellationToken, storeFailed: server.Failed);
        });
    }

    public static Command Worker()
    {
        var command = new Command("worker", "Start a worker alone (TEMPORAL_ADDRESS says where the server is)");
        var listen = EndPoints.Option("--listen", "Where health and metrics are", EndPoints.FreeLoopback);
        var config = PartOptions.Config();
        var activities = new Option<int>("--max-activities") { Description = "Activities that run at once", HelpName = "N", DefaultValueFactory = _ => 100 };
        foreach (var option in new Option[] { listen, config, activities })
            command.Add(option);
        return Run(command, async (result, logs, cancellationToken) =>
        {
            var loggers = logs.For("worker");
            var configuration = WorkerConfiguration.Build([], result.GetValue(config));
            var settings = TemporalSettings.FromEnvironment();
            var address = settings.Address ?? TemporalSettings.DefaultAddress;
            var client = await new TemporalConnector(loggers, TimeProvider.System).ConnectAsync(settings, address, ConnectPatience, cancellationToken);
            await new SearchAttributeSetup(loggers.CreateLogger<SearchAttributeSetup>()).EnsureAsync(client, cancellationToken);
            var options = new WorkerOptions
            {
                Listen = result.GetRequiredValue(listen),
                MaxConcurrentActivities = result.GetValue(activities),
                MetricsToken = Environment.GetEnvironmentVariable("ONRAMP_METRICS_TOKEN") is { Length: > 0 } token ? token : null,
                ConfigureServices = logs.Requests("worker"),
            };
            await using var worker = await WorkerHost.StartAsync(options, configuration, client, loggers, cancellationToken);
            await ServeAsync($"Worker of {address}, health and metrics on {worker.Address}", cancellationToken, worker.Completion);
        });
    }

    public static Command Starter()
    {
        var command = new Command("starter", "Start the HTTP API alone (TEMPORAL_ADDRESS says where the server is)");
        var listen = EndPoints.Option("--listen", "Where it listens; beyond loopback tokens are needed", new IPEndPoint(IPAddress.Loopback, 5080));
        var tokens = new TokenOptions();
        var temporalUi = TemporalUiOption.Create();
        command.Add(listen);
        command.Add(temporalUi);
        tokens.AddTo(command);
        return Run(command, async (result, logs, cancellationToken) =>
        {
            var loggers = logs.For("starter");
            var options = new StarterOptions
            {
                Listen = result.GetRequiredValue(listen),
                Tokens = tokens.Read(result),
                TemporalUi = TemporalUiOption.Read(result, temporalUi),
                ConfigureServices = logs.Requests("starter"),
            };
            options.Validate();
            var settings = TemporalSettings.FromEnvironment();
            var address = settings.Address ?? TemporalSettings.DefaultAddress;
            var client = await new TemporalConnector(loggers, TimeProvider.System).ConnectAsync(settings, address, ConnectPatience, cancellationToken);
            await new SearchAttributeSetup(loggers.CreateLogger<SearchAttributeSetup>()).EnsureAsync(client, cancellationToken);
            await using var starter = await StarterHost.StartAsync(options, client, loggers, cancellationToken);
            await ServeAsync($"API on {starter.Address}", cancellationToken);
        });
    }

    public static Command Sandbox()
    {
        var command = new Command("sandbox", "Start the stand-ins for GitHub, Kubernetes, Azure, Grafana, the catalog and mail alone");
        var port = PartOptions.SandboxPort();
        var data = new Option<string>("--data") { Description = "SQLite file that keeps everything, or :memory:", HelpName = "FILE", DefaultValueFactory = _ => ":memory:" };
        var write = new Option<string?>("--write-config") { Description = "Write the settings for onramp worker --config to this file", HelpName = "FILE" };
        foreach (var option in new Option[] { port, data, write })
            command.Add(option);
        return Run(command, async (result, _, cancellationToken) =>
        {
            var options = new SandboxOptions { DataFile = DataFiles.Check(result.GetRequiredValue(data)), FirstPort = result.GetValue(port) };
            await using var sandbox = await SandboxHost.StartAsync(options, cancellationToken);
            if (result.GetValue(write) is { } file)
                await File.WriteAllTextAsync(file, SandboxSettings.ToJson(sandbox), cancellationToken);
            foreach (var system in SandboxHost.Systems)
                Console.Out.WriteLine($"  {system,-12} {sandbox.Address(system)}");
            await ServeAsync($"Sandbox, state at {sandbox.Control}state", cancellationToken);
        });
    }

    private static Command Run(Command command, Func<ParseResult, Logs, CancellationToken, Task> run)
    {
        var options = new LogOptions(LogEventLevel.Information);
        options.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var logs = new Logs(options.Read(result));
            using var exporting = Exporting.Start(Environment.GetEnvironmentVariable);
            await run(result, logs, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task ServeAsync(
        string what, CancellationToken cancellationToken, Task? worker = null, Task<StoreStoppedException>? storeFailed = null)
    {
        Console.Out.WriteLine($"{what}. Ctrl-C stops it.");
        await Waiting.ForEndAsync(cancellationToken, worker, storeFailed);
        Console.Out.WriteLine("Draining.");
    }
}
