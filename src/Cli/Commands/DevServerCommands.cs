using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Cli.Ui;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Timers;
using Serilog.Events;
using Temporalio.Api.Enums.V1;

namespace Onramp.Cli.Commands;

/// <summary>
/// The embedded server in place of the programs that test environments of Temporal's SDKs start: Temporal's own command line
/// (<c>server start-dev</c>) and its test server (a bare port).
/// </summary>
internal static class DevServerCommands
{
    private const string TestCommand = "start-test";
    private const string DefaultNamespace = "default";

    /// <summary>How far from the server's port Temporal puts the UI's.</summary>
    private const int UiPortDistance = 1000;

    /// <summary>What is never removed for its age: time that skips would make everything old.</summary>
    private static readonly TimeSpan ForEver = TimeSpan.FromDays(36_500);

    /// <summary>A test server is started with nothing but its port; that becomes a command.</summary>
    public static string[] Expand(string[] arguments) =>
        arguments is [var port, ..] && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? ["server", TestCommand, .. arguments]
            : arguments;

    public static Command Dev()
    {
        var command = new Command("start-dev", "Start it as Temporal's command line does, with the same options");
        var ip = Ip("--ip", "Address to listen on; beyond loopback is refused");
        var port = Port("--port", "Port to listen on for gRPC", TemporalServerOptions.DefaultPort, "-p");
        var http = Port("--http-port", "Port to listen on for the HTTP API", 0);
        var ui = Port("--ui-port", $"Port to listen on for the web UI, with its pages if they are built [default: the server's and {UiPortDistance}, or a free one where that is taken]", null);
        var builds = new Option<bool>(UiOptions.Name) { Description = "Build the web UI first where it isn't there (needs Node.js and npm; takes about a minute)" };
        var headless = new Option<bool>("--headless") { Description = "Don't listen for the web UI" };
        var namespaces = new Option<string[]>("--namespace", "-n") { Description = "Namespace to make beside default (repeatable)", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var data = new Option<string>("--db-filename", "-f") { Description = "SQLite file that keeps everything", HelpName = "FILE", DefaultValueFactory = _ => TemporalServerOptions.InMemory };
        var pragmas = new Option<string[]>("--sqlite-pragma") { Description = "Taken and not used: the file is always written as durably as can be", HelpName = "PRAGMA=VALUE" };
        var attributes = SearchAttributes();
        var dynamic = DynamicConfig.Option();
        var level = LogLevel();
        var format = new Option<string>("--log-format") { Description = "text, pretty or json", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "pretty", "json");
        foreach (var option in new Option[] { ip, port, http, ui, builds, headless, namespaces, data, pragmas, attributes, dynamic, level, format })
            command.Add(option);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var logs = new Logs(new LogSettings(result.GetValue(level), result.GetRequiredValue(format) == "json", File: null));
            var address = result.GetRequiredValue(ip);
            var grpcPort = result.GetValue(port)!.Value;
            var place = result.GetValue(headless) && result.GetValue(ui) is null ? null : new UiPlace(
                new IPEndPoint(address, UiPort(address, grpcPort, result.GetValue(ui))),
                result.GetValue(builds) ? await WebUi.EnsureAsync(dataFolder: null, cancellationToken) : WebUi.Find(dataFolder: null));
            var options = new TemporalServerOptions
            {
                Listen = new IPEndPoint(address, grpcPort),
                HttpListen = new IPEndPoint(address, result.GetValue(http)!.Value),
                UiListen = place?.Listen,
                UiFiles = place?.Files,
                DataFile = DataFiles.Check(result.GetRequiredValue(data)),
                Namespaces = [.. result.GetRequiredValue(namespaces).Prepend(DefaultNamespace).Distinct(StringComparer.Ordinal)],
                SearchAttributes = result.GetValue(attributes) ?? [],
                History = result.GetValue(dynamic) ?? new HistoryEngineOptions(),
                LoggerFactory = logs.For("server"),
            };
            return await ServeAsync(options, cancellationToken);
        });
        return command;
    }

    public static Command Test()
    {
        var command = new Command(TestCommand, "Start it as Temporal's test server, whose time can be skipped (a bare port does the same)");
        var port = new Argument<int?>("port")
        {
            Description = "Port to listen on for gRPC, on the loopback address",
            CustomParser = argument => ParsePort(argument, "port"),
        };
        var skipping = new Option<bool>("--enable-time-skipping") { Description = "Taken and not needed: time can always be skipped" };
        var level = LogLevel();
        command.Add(port);
        command.Add(skipping);
        command.Add(level);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var logs = new Logs(new LogSettings(result.GetValue(level), Json: false, File: null));
            var options = new TemporalServerOptions
            {
                Listen = new IPEndPoint(IPAddress.Loopback, result.GetValue(port)!.Value),
                NamespaceRetention = ForEver,
                TimeProvider = new SkippingTimeProvider(),
                LoggerFactory = logs.For("server"),
            };
            return await ServeAsync(options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> ServeAsync(TemporalServerOptions options, CancellationToken cancellationToken)
    {
        await using var server = await TemporalServer.StartAsync(options, cancellationToken);
        Console.Out.WriteLine($"Temporal server: {server.EndPoint}");
        if (server.HttpEndPoint is not null)
            Console.Out.WriteLine($"HTTP API:        http://{server.HttpEndPoint}");
        if (server.UiEndPoint is not null)
            Console.Out.WriteLine(UiOptions.Describe(server.UiEndPoint, options.UiFiles));
        await Waiting.ForEndAsync(cancellationToken, storeFailed: server.Failed);
        return ExitCodes.Done;
    }

    /// <summary>
    /// The expected one (capped, as Temporal's is) may be taken, if only by the near end of somebody's connection. SDKs name it without a look, and wait
    /// for a program that ended for that until their patience is over: another one will do. What is named beside that is meant.
    /// </summary>
    private static int UiPort(IPAddress address, int port, int? asked)
    {
        var expected = port == 0 ? 0 : Math.Min(port + UiPortDistance, IPEndPoint.MaxPort);
        if (asked is { } meant && meant != expected)
            return meant;
        return FreePort.IsFree(new IPEndPoint(address, expected)) ? expected : 0;
    }

    private static Option<IPAddress> Ip(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = argument => Parse(argument, text => text == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text, out var ip) ? ip : null, "an address"),
    };

    private static Option<int?> Port(string name, string description, int? defaultValue, params string[] aliases)
    {
        var option = new Option<int?>(name, aliases) { Description = description, HelpName = "PORT" };
        if (defaultValue is not null)
            option.DefaultValueFactory = _ => defaultValue;
        option.CustomParser = argument => ParsePort(argument, name);
        return option;
    }

    private static int? ParsePort(ArgumentResult argument, string name)
    {
        if (ushort.TryParse(argument.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return port;
        argument.AddError($"{name} must be from 0 to {IPEndPoint.MaxPort} (0 takes a free one), not '{argument.Tokens.Single().Value}'.");
        return null;
    }

    /// <summary>In Temporal's words; <c>never</c> is as good as never.</summary>
    private static Option<LogEventLevel> LogLevel() => new("--log-level")
    {
        Description = "Least level to log: debug, info, warn, error or never",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => LogEventLevel.Warning,
        CustomParser = argument => Parse<LogEventLevel?>(argument, LevelOf, "a level: debug, info, warn, error or never") ?? default,
    };

    private static LogEventLevel? LevelOf(string text) => text.ToLowerInvariant() switch
    {
        "debug" => LogEventLevel.Debug,
        "info" => LogEventLevel.Information,
        "warn" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        "never" => LogEventLevel.Fatal,
        _ => null,
    };

    private static Option<Dictionary<string, IndexedValueType>> SearchAttributes() => new("--search-attribute")
    {
        Description = "Custom search attribute of the namespaces (repeatable); types: Text, Keyword, Int, Double, Bool, Datetime, KeywordList",
        HelpName = "NAME=TYPE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = argument =>
        {
            var attributes = new Dictionary<string, IndexedValueType>(StringComparer.Ordinal);
            foreach (var text in argument.Tokens.Select(token => token.Value))
            {
                var parts = text.Split('=', 2);
                if (parts.Length == 2 && parts[0].Length > 0 && Enum.TryParse<IndexedValueType>(parts[1], ignoreCase: true, out var type) && type != IndexedValueType.Unspecified && Enum.IsDefined(type))
                    attributes[parts[0]] = type;
                else
                    argument.AddError($"'{text}' is no search attribute: write NAME=TYPE, such as Customer=Keyword.");
            }
            return attributes;
        },
    };

    private static T? Parse<T>(ArgumentResult argument, Func<string, T?> parse, string what)
    {
        var text = argument.Tokens.Single().Value;
        var value = parse(text);
        if (value is null)
            argument.AddError($"'{text}' is not {what}.");
        return value;
    }
}
