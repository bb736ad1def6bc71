using System.CommandLine;
using System.Net;
using Onramp.Cli.Connections;
using Onramp.Cli.Ui;

namespace Onramp.Cli.Options;

/// <summary>Where Temporal's web UI is served, and the folder of its pages; null: only what they ask for is answered.</summary>
internal sealed record UiPlace(IPEndPoint Listen, string? Files);

/// <summary>The options for it of commands that start an embedded server for people.</summary>
internal sealed class UiOptions
{
    public const string Name = "--ui";

    /// <summary>Where Temporal's own development server has it.</summary>
    public const int DefaultPort = 8233;

    private readonly int defaultPort;
    private readonly Option<bool> serve = new(Name) { Description = "Serve Temporal's web UI; it is built first where it isn't there (needs Node.js and npm; takes about a minute)" };
    private readonly Option<int?> port;
    private readonly Option<string?> files = new("--ui-files") { Description = "Serve the web UI that was built into this folder [default: what onramp ui build made]", HelpName = "DIR" };

    public UiOptions(int defaultPort)
    {
        this.defaultPort = defaultPort;
        port = new Option<int?>("--ui-port")
        {
            Description = $"Port of the web UI on the loopback address (implies {Name}); 0 takes a free one [default: {defaultPort}]",
            HelpName = "PORT",
        };
        port.Validators.Add(result =>
        {
            if (result.GetValue(port) is < 0 or > IPEndPoint.MaxPort)
                result.AddError($"--ui-port must be from 0 to {IPEndPoint.MaxPort} (0 takes a free one).");
        });
    }

    public void AddTo(Command command)
    {
        command.Add(serve);
        command.Add(port);
        command.Add(files);
    }

    /// <summary>Names beside the loopback's by which browsers reach it.</summary>
    public static Option<string[]> Hosts() => new("--ui-host")
    {
        Description = "Name by which browsers reach the web UI, through a proxy for instance (repeatable) [default: localhost and loopback addresses]",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    /// <summary>What is said about a listener for the web UI.</summary>
    public static string Describe(IPEndPoint where, string? pages, bool isTls = false)
    {
        var address = $"http{(isTls ? "s" : "")}://{where}";
        return pages is null ? $"Web UI's API:    {address}/api/v1 (its pages aren't built: onramp ui build)" : $"Web UI:          {address}";
    }

    /// <summary>Where an embedded server alone serves the web UI: where it is told to listen, or on the port asked for.</summary>
    /// <exception cref="CliException">There are no pages and they can't be built, or two places are named; the line says why.</exception>
    public async Task<UiPlace?> ReadAsync(ParseResult result, IPEndPoint? listen, CancellationToken cancellationToken)
    {
        if (listen is not null && result.GetValue(port) is not null)
            throw new CliException("--ui-listen and --ui-port name two places: give one.", ExitCodes.Usage);
        if (!IsAskedFor(result))
            return listen is null ? null : new UiPlace(listen, WebUi.Find(dataFolder: null));
        return new UiPlace(listen ?? Loopback(result), result.GetValue(files) ?? await WebUi.EnsureAsync(dataFolder: null, cancellationToken));
    }

    /// <summary>Whether the web UI is asked for.</summary>
    private bool IsAskedFor(ParseResult result) => result.GetValue(serve) || result.GetValue(port) is not null || result.GetValue(files) is not null;

    /// <summary>Where the web UI is to be served, its pages built if need be; null: nowhere.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="settings">Where Temporal is.</param>
    /// <param name="dataFolder">Where built pages are kept; null: the user's own folder.</param>
    /// <exception cref="CliException">There are no pages and they can't be built, or Temporal is elsewhere; the line says why.</exception>
    public async Task<UiPlace?> ReadAsync(ParseResult result, TemporalSettings settings, string? dataFolder, CancellationToken cancellationToken)
    {
        if (!IsAskedFor(result))
            return null;
        if (settings.Address is { } cluster)
            throw new CliException($"{Name} is for the embedded server; the cluster at {cluster} has a web UI of its own.", ExitCodes.Usage);
        var pages = result.GetValue(files) ?? await WebUi.EnsureAsync(dataFolder, cancellationToken);
        return new UiPlace(Loopback(result), pages);
    }

    private IPEndPoint Loopback(ParseResult result) => new(IPAddress.Loopback, result.GetValue(port) ?? defaultPort);
}
