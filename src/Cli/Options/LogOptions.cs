using System.CommandLine;
using Serilog.Events;

namespace Onramp.Cli.Options;

/// <summary>How a process logs.</summary>
public sealed record LogSettings(LogEventLevel Level, bool Json, string? File);

/// <summary>The options for it; every command that runs a part has them.</summary>
internal sealed class LogOptions
{
    public const string JsonName = "--log-json";

    private readonly Option<LogEventLevel> level;
    private readonly Option<bool> json = new(JsonName) { Description = "Write log lines as JSON" };
    private readonly Option<string?> file = new("--log-file") { Description = "Also write the log to this file (rolled daily, 14 kept)", HelpName = "FILE" };

    public LogOptions(LogEventLevel defaultLevel) => level = new Option<LogEventLevel>("--log-level")
    {
        Description = "Least level to log: verbose, debug, information, warning, error or fatal",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => defaultLevel,
    };

    public void AddTo(Command command)
    {
        command.Add(level);
        command.Add(json);
        command.Add(file);
    }

    public LogSettings Read(ParseResult result) => new(result.GetValue(level), result.GetValue(json), result.GetValue(file));
}
