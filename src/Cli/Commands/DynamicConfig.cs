using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Onramp.EmbeddedServer.History;

namespace Onramp.Cli.Commands;

/// <summary>
/// The settings of Temporal's servers that this one has too, by their names there. All others are taken and not used: what SDKs set besides
/// switches on what is always on here, or what isn't there at all.
/// </summary>
internal static class DynamicConfig
{
    private static readonly Dictionary<string, Action<HistoryEngineOptions, int>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["limit.historyCount.suggestContinueAsNew"] = (options, value) => options.SuggestContinueAsNewEvents = value,
        ["limit.historySize.suggestContinueAsNew"] = (options, value) => options.SuggestContinueAsNewBytes = value,
        ["limit.historyCount.error"] = (options, value) => options.MaximumHistoryEvents = value,
        ["limit.historySize.error"] = (options, value) => options.MaximumHistoryBytes = value,
        ["limit.blobSize.error"] = (options, value) => options.MaximumBlobBytes = value,
        ["limit.memoSize.error"] = (options, value) => options.MaximumMemoBytes = value,
        ["history.maxTotalUpdates"] = (options, value) => options.MaximumUpdates = value,
        ["history.maxInFlightUpdates"] = (options, value) => options.MaximumUpdatesInFlight = value,
    };

    public static Option<HistoryEngineOptions> Option() => new("--dynamic-config-value")
    {
        Description = $"Limits, as Temporal's servers name them: {string.Join(", ", Settings.Keys)}; others are taken and not used",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => new HistoryEngineOptions(),
        CustomParser = Parse,
    };

    private static HistoryEngineOptions Parse(ArgumentResult argument)
    {
        var options = new HistoryEngineOptions();
        foreach (var text in argument.Tokens.Select(token => token.Value))
        {
            var parts = text.Split('=', 2);
            if (parts.Length < 2)
                argument.AddError($"'{text}' is no setting: write KEY=VALUE.");
            else if (!Settings.TryGetValue(parts[0], out var set))
                continue;
            else if (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                Apply(argument, options, set, text, value);
            else
                argument.AddError($"'{text}': {parts[0]} is a whole number.");
        }

        return options;
    }

    private static void Apply(ArgumentResult argument, HistoryEngineOptions options, Action<HistoryEngineOptions, int> set, string text, int value)
    {
        set(options, value);
        try
        {
            options.Validate();
        }
        catch (System.ComponentModel.DataAnnotations.ValidationException outOfRange)
        {
            argument.AddError($"'{text}': {outOfRange.Message}");
        }
    }
}
