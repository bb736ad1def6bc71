using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

internal enum OperatorKind
{
    /// <summary>Compares with <see cref="QueryOperator.Symbol"/>.</summary>
    Compare,
    In,
    Between,
    StartsWith,
    IsNull,
}

/// <summary>An operator of the language.</summary>
/// <param name="Symbol">For <see cref="OperatorKind.Compare"/>.</param>
/// <param name="Negated">NOT IN, NOT BETWEEN, NOT STARTS_WITH, IS NOT NULL.</param>
internal sealed record QueryOperator(OperatorKind Kind, string Symbol, bool Negated)
{
    private static readonly FrozenDictionary<string, QueryOperator> All = new Dictionary<string, QueryOperator>
    {
        ["="] = new(OperatorKind.Compare, "=", false),
        ["!="] = new(OperatorKind.Compare, "<>", false),
        ["<"] = new(OperatorKind.Compare, "<", false),
        ["<="] = new(OperatorKind.Compare, "<=", false),
        [">"] = new(OperatorKind.Compare, ">", false),
        [">="] = new(OperatorKind.Compare, ">=", false),
        ["IN"] = new(OperatorKind.In, "", false),
        ["NOT IN"] = new(OperatorKind.In, "", true),
        ["BETWEEN"] = new(OperatorKind.Between, "", false),
        ["NOT BETWEEN"] = new(OperatorKind.Between, "", true),
        ["STARTS_WITH"] = new(OperatorKind.StartsWith, "", false),
        ["NOT STARTS_WITH"] = new(OperatorKind.StartsWith, "", true),
        ["IS NULL"] = new(OperatorKind.IsNull, "", false),
        ["IS NOT NULL"] = new(OperatorKind.IsNull, "", true),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What each type can be asked, besides IS NULL.</summary>
    private static readonly FrozenDictionary<IndexedValueType, string[]> ByType = new Dictionary<IndexedValueType, string[]>
    {
        [IndexedValueType.Keyword] =
            ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN", "STARTS_WITH", "NOT STARTS_WITH"],
        [IndexedValueType.KeywordList] = ["=", "!=", "IN", "NOT IN"],
        [IndexedValueType.Text] = ["=", "!="],
        [IndexedValueType.Int] = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN"],
        [IndexedValueType.Double] = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN"],
        [IndexedValueType.Datetime] = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN"],
        [IndexedValueType.Bool] = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN"],
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Opposites = new Dictionary<string, string>
    {
        ["="] = "<>",
        ["<>"] = "=",
        ["<"] = ">=",
        [">="] = "<",
        [">"] = "<=",
        ["<="] = ">",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool HasRanges(IndexedValueType type) => ByType.GetValueOrDefault(type, []).Contains("BETWEEN", StringComparer.Ordinal);

    /// <summary>True of exactly those runs that have a value and of which this isn't true.</summary>
    public QueryOperator Opposite => Kind == OperatorKind.Compare
        ? this with { Symbol = Opposites[Symbol] }
        : this with { Negated = !Negated };

    /// <summary>The operator, or null when the attribute can't be asked that.</summary>
    public static QueryOperator? Find(string name, IndexedValueType type) =>
        All.TryGetValue(name, out var found)
        && (found.Kind == OperatorKind.IsNull || ByType.GetValueOrDefault(type, []).Contains(name, StringComparer.Ordinal))
            ? found
            : null;
}
