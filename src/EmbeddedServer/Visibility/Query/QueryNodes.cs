namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>A query as parsed. Names and values are not looked at yet.</summary>
/// <param name="Condition">Null for all runs.</param>
/// <param name="GroupBy">What the clause names, or whatever else stands there; so with <paramref name="OrderBy"/>.</param>
internal sealed record ParsedQuery(QueryNode? Condition, IReadOnlyList<QueryNode> GroupBy, IReadOnlyList<QueryNode> OrderBy, bool HasLimit);

/// <summary>
/// An expression. The grammar is that of a whole SQL, in which conditions and values are of one kind: what is where it makes no sense is found out
/// when the query is translated.
/// </summary>
internal abstract record QueryNode
{
    /// <summary>What messages call this kind of expression: they name the types of the reference server's parser.</summary>
    public abstract string KindName { get; }
}

internal sealed record AndNode(IReadOnlyList<QueryNode> Operands) : QueryNode
{
    public override string KindName => "*sqlparser.AndExpr";
}

internal sealed record OrNode(IReadOnlyList<QueryNode> Operands) : QueryNode
{
    public override string KindName => "*sqlparser.OrExpr";
}

internal sealed record NotNode(QueryNode Operand) : QueryNode
{
    public override string KindName => "*sqlparser.NotExpr";
}

/// <summary>One expression in parentheses.</summary>
internal sealed record ParenNode(QueryNode Inner) : QueryNode
{
    public override string KindName => "*sqlparser.ParenExpr";
}

/// <summary>One operator between a left side and as many values as it takes.</summary>
/// <param name="Operator">As messages show it, e.g. <c>NOT IN</c>.</param>
internal sealed record ComparisonNode(QueryNode Left, string Operator, IReadOnlyList<QueryNode> Right) : QueryNode
{
    public bool IsRange => Operator is "BETWEEN" or "NOT BETWEEN";

    /// <summary>Whether it asks what comes before or after what.</summary>
    public bool IsOrder => IsRange || Operator is "<" or "<=" or ">" or ">=";

    /// <summary>One of the two that are there for all types: IS NULL, IS NOT NULL; or one of those that are there for none, e.g. IS TRUE.</summary>
    public bool IsIs => Operator.StartsWith("IS ", StringComparison.Ordinal);

    public override string KindName => IsRange ? "*sqlparser.RangeCond" : IsIs ? "*sqlparser.IsExpr" : "*sqlparser.ComparisonExpr";
}

internal sealed record NameNode(string Name) : QueryNode
{
    public override string KindName => "*sqlparser.ColName";
}

/// <param name="Value">A <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, or null.</param>
internal sealed record ValueNode(object? Value) : QueryNode
{
    public override string KindName => Value switch
    {
        null => "*sqlparser.NullVal",
        bool => "sqlparser.BoolVal",
        _ => "*sqlparser.SQLVal",
    };
}

/// <summary>A literal that is no value here, e.g. a number that no type holds, or a placeholder.</summary>
internal sealed record UnreadableNode(string Text) : QueryNode
{
    public override string KindName => "*sqlparser.SQLVal";
}

internal sealed record FunctionNode : QueryNode
{
    public override string KindName => "*sqlparser.FuncExpr";
}

/// <summary>What can be written, and is nowhere of use: lists where one value is to be, and arithmetic.</summary>
internal sealed record UselessNode(string Kind) : QueryNode
{
    public const string Tuple = "sqlparser.ValTuple";
    public const string Binary = "*sqlparser.BinaryExpr";
    public const string Unary = "*sqlparser.UnaryExpr";

    public override string KindName => Kind;
}
