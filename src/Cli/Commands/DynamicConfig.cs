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
    private static readonly Dictionary<string, Setting> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["limit.historyCount.suggestContinueAsNew"] = Number((options, value) => options.SuggestContinueAsNewEvents = value),
        ["limit.historySize.suggestContinueAsNew"] = Number((options, value) => options.SuggestContinueAsNewBytes = value),
        ["limit.historyCount.error"] = Number((options, value) => options.MaximumHistoryEvents = value),
        ["limit.historySize.error"] = Number((options, value) => options.MaximumHistoryBytes = value),
        ["limit.mutableStateSize.error"] = Number((options, value) => options.MaximumStateBytes = value),
        ["limit.blobSize.error"] = Number((options, value) => options.MaximumBlobBytes = value),
        ["limit.memoSize.error"] = Number((options, value) => options.MaximumMemoBytes = value),
        ["history.maxTotalUpdates"] = Number((options, value) => options.MaximumUpdates = value),
        ["history.maxInFlightUpdates"] = Number((options, value) => options.MaximumUpdatesInFlight = value),
        ["history.timerProcessorMaxTimeShift"] = Duration((options, value) => options.MinimumTimerSpan = value),
        ["system.enableCrossNamespaceCommands"] = Flag((options, value) => options.EnableCrossNamespaceCommands = value),
    };

    public static Option<HistoryEngineOptions> Option() => new("--dynamic-config-value")
    {
        Description = $"Limits, as Temporal's servers name them: {string.Join(", ", Settings.Keys)}; others are taken and not used",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
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
            else if (!Settings.TryGetValue(parts[0], out var setting))
                continue;
            else if (!setting.TrySet(options, parts[1].Trim('"')))
                argument.AddError($"'{text}': {parts[0]} is {setting.Kind}.");
            else if (Complaint(options) is { } complaint)
                argument.AddError($"'{text}': {complaint}");
        }

        return options;
    }

    private static string? Complaint(HistoryEngineOptions options)
    {
        try
        {
            options.Validate();
            return null;
        }
        catch (System.ComponentModel.DataAnnotations.ValidationException outOfRange)
        {
            return outOfRange.Message;
        }
    }

    private static Setting Number(Action<HistoryEngineOptions, int> set) => new("a whole number", (options, text) =>
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (isNumber)
            set(options, value);
        return isNumber;
    });

    private static Setting Flag(Action<HistoryEngineOptions, bool> set) => new("true or false", (options, text) =>
    {
        var isFlag = bool.TryParse(text, out var value);
        if (isFlag)
            set(options, value);
        return isFlag;
    });

    private static Setting Duration(Action<HistoryEngineOptions, TimeSpan> set) => new("a span such as 500ms or 1s", (options, text) =>
    {
        var (number, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], TimeSpan.FromMilliseconds(1))
            : text.EndsWith('s') ? (text[..^1], TimeSpan.FromSeconds(1))
            : (string.Empty, TimeSpan.Zero);
        var isSpan = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (isSpan)
            set(options, value * unit);
        return isSpan;
    });

    /// <param name="Kind">What its values are.</param>
    /// <param name="TrySet">False for a text that is no such value.</param>
    private sealed record Setting(string Kind, Func<HistoryEngineOptions, string, bool> TrySet);
}
