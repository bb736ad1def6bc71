using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>A span of close times, both ends included: the order of lists lets a scan begin and end there.</summary>
internal sealed record CloseSpan(long From, long Through)
{
    /// <summary>Open runs come after it.</summary>
    public const long LatestClose = long.MaxValue - 1;

    /// <summary>Also of runs that haven't closed.</summary>
    public static CloseSpan Any { get; } = new(long.MinValue, long.MaxValue);

    public bool IsAny => this == Any;

    /// <summary>What is left of it where a comparison is true. It may hold some of which it isn't.</summary>
    public CloseSpan Within(QueryOperator operation, object[] values) => operation switch
    {
        { Kind: OperatorKind.Compare, Symbol: "=" } => Cut((long)values[0], (long)values[0]),
        { Kind: OperatorKind.Compare, Symbol: "<" or "<=" } => Cut(From, (long)values[0]),

        // Those that are open come after the latest.
        { Kind: OperatorKind.Compare, Symbol: ">" or ">=" } => Cut((long)values[0], LatestClose),
        { Kind: OperatorKind.Between, Negated: false } => Cut((long)values[0], (long)values[1]),
        _ => this,
    };

    /// <summary>Whether a comparison of statuses is true of closed runs only.</summary>
    public static bool IsOfClosed(QueryOperator operation, object[] values) =>
        (operation is { Kind: OperatorKind.Compare, Symbol: "=" } or { Kind: OperatorKind.In, Negated: false })
        && !values.Any(value => (WorkflowExecutionStatus)(long)value is WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Paused);

    private CloseSpan Cut(long from, long through) => new(Math.Max(From, from), Math.Min(Through, through));
}
