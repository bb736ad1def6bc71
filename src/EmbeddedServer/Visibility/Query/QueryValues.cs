using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>Turns the values of a query into what the tables hold, and refuses those that don't fit their attribute.</summary>
internal static partial class QueryValues
{
    private const long NanosecondsPerTick = 100;
    private const long TicksPerMicrosecond = 10;
    private const long BeforeAllTimes = long.MinValue;

    private static readonly Dictionary<string, long> Units = new(StringComparer.Ordinal)
    {
        ["ns"] = 1,
        ["us"] = 1_000,
        ["µs"] = 1_000,
        ["μs"] = 1_000,
        ["ms"] = 1_000_000,
        ["s"] = 1_000_000_000,
        ["m"] = 60_000_000_000,
        ["h"] = 3_600_000_000_000,
        ["d"] = 86_400_000_000_000,
    };

    private static readonly FrozenDictionary<string, long> Statuses = WorkflowReflection.Descriptor.EnumTypes
        .Single(type => type.Name == nameof(WorkflowExecutionStatus)).Values
        .SelectMany(status => new[] { status.Name, ((WorkflowExecutionStatus)status.Number).ToString() }, (status, name) => (Name: name, status.Number))
        .ToFrozenDictionary(status => status.Name, status => (long)status.Number, StringComparer.Ordinal);

    /// <summary>A keyword or text stays, numbers stay, booleans are 1 and 0; what the others have to do with booleans is <see cref="Fit"/>'s.</summary>
    public static object Plain(string name, IndexedValueType type, QueryNode operand)
    {
        var value = Value(operand);
        return (type, value) switch
        {
            (IndexedValueType.Int or IndexedValueType.Double, long or double) => value,
            (IndexedValueType.Int or IndexedValueType.Double or IndexedValueType.Bool, bool truth) => truth ? 1L : 0L,
            (IndexedValueType.Keyword or IndexedValueType.KeywordList or IndexedValueType.Text, string or bool) => value,
            _ => throw WrongType(name, type, value),
        };
    }

    /// <summary>Nanoseconds as an integer (or that as a text), a text like <c>1d2h3m</c>, or <c>hh:mm:ss</c>.</summary>
    public static object Duration(string name, QueryNode operand) => Value(operand) switch
    {
        long nanoseconds => nanoseconds,
        bool truth => truth ? 1L : 0L,
        string text => ParseDuration(text)
            ?? throw QueryException.Invalid($"invalid duration value for search attribute {name}: {text}"),
        var other => throw WrongType(name, other),
    };

    /// <summary>A time of the server's own columns: ticks.</summary>
    public static object Time(string name, QueryNode operand) => IsTruth(operand) ? BeforeAllTimes : ParseTime(name, operand).UtcTicks;

    /// <summary>
    /// A time of a custom attribute. Those are indexed by the millisecond and compared as texts in the reference server: there, a time
    /// with fewer than three decimals sorts before the indexed one of the same instant. The half microsecond keeps that order.
    /// </summary>
    public static object IndexedTime(string name, QueryNode operand)
    {
        if (IsTruth(operand))
        {
            return BeforeAllTimes;
        }

        const double half = 0.0005;
        var time = ParseTime(name, operand);
        var microseconds = time.UtcTicks / TicksPerMicrosecond;
        var milliseconds = (microseconds / 1000) - (DateTimeOffset.UnixEpoch.UtcTicks / TimeSpan.TicksPerMillisecond);
        var below = microseconds % 1000;
        return (milliseconds, below) switch
        {
            (_, 0) when milliseconds % 10 == 0 => milliseconds - half,
            (_, 0) => milliseconds,
            _ => milliseconds + (below / 1000.0),
        };
    }

    /// <summary>A status by name, by the enum's long name, both to the letter, or by number.</summary>
    public static object Status(QueryNode operand)
    {
        var value = Value(operand);
        return value switch
        {
            long number => number is >= 0 and < int.MaxValue && Enum.IsDefined((WorkflowExecutionStatus)number)
                ? number
                : throw QueryException.Invalid($"invalid {SystemColumns.Status} value {number}"),
            string text => Statuses.TryGetValue(text, out var status)
                ? status
                : throw QueryException.Invalid($"invalid {SystemColumns.Status} value '{text}'"),
            _ => throw WrongType(SystemColumns.Status, value),
        };
    }

    /// <summary>The values as the operator takes them: the rest of what can be wrong with them, found out once the operator is known.</summary>
    public static object[] Fit(object[] values, IndexedValueType type, SystemColumn? column, QueryOperator operation)
    {
        if (operation.Kind == OperatorKind.StartsWith && values is [not string and var prefix])
        {
            var shown = column?.Values == ColumnValues.Status ? ((WorkflowExecutionStatus)(long)prefix).ToString() : Show(prefix);
            var name = operation.Negated ? "not starts_with" : "starts_with";
            throw QueryException.Invalid($"right-hand side of \"{name}\" operator must be a literal string (got: {shown})");
        }

        if (type is IndexedValueType.KeywordList or IndexedValueType.Text && values.FirstOrDefault(value => value is bool) is { } truth)
        {
            var where = operation.Kind == OperatorKind.In ? " in tuple" : "";
            throw QueryException.Invalid($"unexpected value type{where} (expected string, got {Show(truth)})");
        }

        if (type == IndexedValueType.Text && values is [string words] && words.All(character => character == ' '))
        {
            throw QueryException.Invalid("unexpected value for Text type search attribute (no tokens found)");
        }

        // Texts are compared with texts.
        return Array.ConvertAll(values, value => value is bool truth ? (truth ? "1" : "0") : value);
    }

    private static DateTimeOffset ParseTime(string name, QueryNode operand)
    {
        switch (Value(operand))
        {
            case long nanoseconds:
                return DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);
            case string text:
                return Rfc3339.TryParse(text, out var time)
                    ? time
                    : throw QueryException.Invalid($"unable to parse datetime '{text}'");
            case var other:
                throw WrongType(name, IndexedValueType.Datetime, other);
        }
    }

    private static long? ParseDuration(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var plain))
        {
            return plain;
        }

        if (ClockDuration().Match(text) is { Success: true } clock)
        {
            var seconds = (Number(clock, "h") * 3600) + (Number(clock, "m") * 60) + Number(clock, "s");
            return (long)(seconds * 1e9m);
        }

        var match = UnitDuration().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var nanoseconds = 0m;
        for (var i = 0; i < match.Groups["unit"].Captures.Count; i++)
        {
            var number = decimal.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture);
            nanoseconds += number * Units[match.Groups["unit"].Captures[i].Value];
        }

        var signed = match.Groups["sign"].Value == "-" ? -nanoseconds : nanoseconds;
        return signed is < long.MinValue or > long.MaxValue ? null : (long)signed;
    }

    private static decimal Number(Match match, string group) =>
        decimal.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    /// <summary>True and false are no times: every time is after them, so that a comparison with them finds all or none.</summary>
    private static bool IsTruth(QueryNode operand) => operand is ValueNode { Value: bool };

    private static object Value(QueryNode operand) => operand switch
    {
        ValueNode { Value: { } value } => value,
        UnreadableNode literal => throw QueryException.Invalid($"unable to parse value \"{literal.Text}\""),
        NameNode name => throw QueryException.Unsupported(
            $"column name on the right side of comparison expression (did you forget to quote \"{QueryWords.Show(name.Name)}\"?)"),
        FunctionNode => throw QueryException.Unsupported("nested func"),
        _ => throw QueryException.Invalid($"unexpected value type {operand.KindName}"),
    };

    private static QueryException WrongType(string name, IndexedValueType type, object value) => QueryException.Invalid(
        $"invalid value type for search attribute {name} of type {type}: {Show(value)} (type: {TypeName(value)})");

    private static QueryException WrongType(string name, object value) => QueryException.Invalid(
        $"unexpected value type {TypeName(value)} for search attribute {name}");

    private static string TypeName(object value) => value switch
    {
        string => "string",
        long => "int64",
        double => "float64",
        _ => "bool",
    };

    private static string Show(object value) => value switch
    {
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"^(?<h>\d{1,6}):(?<m>[0-5]?\d):(?<s>[0-5]?\d)(?!\d)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex ClockDuration();

    [GeneratedRegex(
        @"^(?<sign>[+-]?)((?<number>\d{1,18}(\.\d{0,9})?|\.\d{1,9})(?<unit>ns|us|µs|μs|ms|s|m|h|d))+\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex UnitDuration();
}
