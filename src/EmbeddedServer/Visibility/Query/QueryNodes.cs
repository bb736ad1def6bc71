namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>A query as parsed. Names and values are not looked at yet.</summary>
/// <param name="Condition">Null for all runs.</param>
internal sealed record ParsedQuery(QueryNode? Condition, IReadOnlyList<string> GroupBy, IReadOnlyList<string> OrderBy, bool HasLimit);

internal abstract record QueryNode;

internal sealed record AndNode(IReadOnlyList<QueryNode> Operands) : QueryNode;

internal sealed record OrNode(IReadOnlyList<QueryNode> Operands) : QueryNode;

internal sealed record NotNode(QueryNode Operand) : QueryNode;

/// <summary>One operator between a left side and as many values as it takes.</summary>
/// <param name="Operator">As messages show it, e.g. <c>NOT IN</c>.</param>
internal sealed record ComparisonNode(QueryOperand Left, string Operator, IReadOnlyList<QueryOperand> Right) : QueryNode;

/// <summary>An operand that stands alone where a condition should be.</summary>
internal sealed record BareNode(QueryOperand Operand) : QueryNode;

internal abstract record QueryOperand
{
    /// <summary>What messages call this kind of operand: they name the types of the reference server's parser.</summary>
    public abstract string KindName { get; }
}

internal sealed record NameOperand(string Name) : QueryOperand
{
    public override string KindName => "*sqlparser.ColName";
}

/// <param name="Value">A <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, or null.</param>
internal sealed record ValueOperand(object? Value) : QueryOperand
{
    public override string KindName => Value switch
    {
        null => "*sqlparser.NullVal",
        bool => "sqlparser.BoolVal",
        _ => "*sqlparser.SQLVal",
    };
}
