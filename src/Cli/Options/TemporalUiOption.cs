using System.CommandLine;

namespace Onramp.Cli.Options;

/// <summary>Where people reach the web UI of a cluster.</summary>
internal static class TemporalUiOption
{
    public const string Variable = "ONRAMP_TEMPORAL_UI";

    public static Option<string?> Create() => new("--temporal-ui")
    {
        Description = $"Where people reach Temporal's web UI, for links to runs [default: {Variable}, or none]",
        HelpName = "URL",
    };

    /// <exception cref="CliException">It is no address.</exception>
    public static Uri? Read(ParseResult result, Option<string?> option)
    {
        var text = result.GetValue(option) ?? Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CliException($"'{text}' is not the address of a web UI: write http://HOST:PORT.", ExitCodes.Usage);
    }
}
