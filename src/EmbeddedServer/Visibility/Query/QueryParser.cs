namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Parses a list filter by recursive descent. <c>OR</c> binds weakest, then <c>AND</c>, then <c>NOT</c>, then comparisons; what they compare
/// is <see cref="ValueParser"/>'s.
/// </summary>
/// <remarks>
/// The first token that can't continue what stands before it is the one that is reported, whatever else is wrong behind it.
/// </remarks>
internal sealed class QueryParser
{
    private readonly TokenReader _tokens;
    private readonly ValueParser _values;

    private QueryParser(TokenReader tokens)
    {
        _tokens = tokens;
        _values = new ValueParser(tokens, ParseOr);
    }

    /// <exception cref="QueryException">It can't be parsed.</exception>
    public static ParsedQuery Parse(string query)
    {
        if (query.Length > VisibilityLimits.MaximumQueryCharacters)
        {
            throw QueryException.TooLong();
        }

        var trimmed = query.Trim();
        if (trimmed.Length == 0)
        {
            return new ParsedQuery(null, [], [], false);
        }

        var isClause = trimmed.StartsWith("order by", StringComparison.OrdinalIgnoreCase) || trimmed.StartsWith("group by", StringComparison.OrdinalIgnoreCase);
        var offset = isClause ? QueryTokenizer.ClauseOffset : QueryTokenizer.ConditionOffset;
        return new QueryParser(new TokenReader(QueryTokenizer.Tokenize(trimmed, offset))).ParseQuery(isClause);
    }

    private ParsedQuery ParseQuery(bool isClause)
    {
        var condition = isClause ? null : ParseOr();
        var groupBy = _tokens.TryTakeKeyword("group") ? ParseClause(allowDirection: false) : [];
        if (_tokens.TryTakeKeyword("having"))
        {
            // As in the reference server, it says nothing.
            ParseOr();
        }

        var orderBy = _tokens.TryTakeKeyword("order") ? ParseClause(allowDirection: true) : [];
        var hasLimit = _tokens.TryTakeKeyword("limit");
        if (hasLimit)
        {
            ParseLimit();
        }

        _tokens.TryTakeOperator(";");
        return _tokens.Current.Kind == QueryTokenKind.End
            ? new ParsedQuery(condition, groupBy, orderBy, hasLimit)
            : throw QueryException.Syntax(_tokens.Current);
    }

    private List<QueryNode> ParseClause(bool allowDirection)
    {
        _tokens.TakeKeyword("by");
        var fields = new List<QueryNode>();
        do
        {
            fields.Add(ParseOr());
            if (allowDirection && !_tokens.TryTakeKeyword("asc"))
            {
                _tokens.TryTakeKeyword("desc");
            }
        }
        while (_tokens.TryTakeOperator(","));

        return fields;
    }

    private void ParseLimit()
    {
        ParseOr();
        if (_tokens.TryTakeOperator(",") || _tokens.TryTakeName("offset"))
        {
            ParseOr();
        }
    }

    private QueryNode ParseOr()
    {
        var operands = new List<QueryNode> { ParseAnd() };
        while (_tokens.TryTakeKeyword("or") || _tokens.TryTakeOperator("||"))
        {
            operands.Add(ParseAnd());
        }

        return operands.Count == 1 ? operands[0] : new OrNode(operands);
    }

    private QueryNode ParseAnd()
    {
        var operands = new List<QueryNode> { ParseNot() };
        while (_tokens.TryTakeKeyword("and") || _tokens.TryTakeOperator("&&"))
        {
            operands.Add(ParseNot());
        }

        return operands.Count == 1 ? operands[0] : new AndNode(operands);
    }

    private QueryNode ParseNot()
    {
        if (_tokens.TryTakeKeyword("not"))
        {
            return _tokens.Nested(() => new NotNode(ParseNot()));
        }

        var node = ParseCondition();
        while (_tokens.TryTakeKeyword("is"))
        {
            var negation = _tokens.TryTakeKeyword("not") ? "NOT " : "";
            node = _tokens.Current is { Kind: QueryTokenKind.Keyword, Text: "null" or "true" or "false" }
                ? new ComparisonNode(node, $"IS {negation}{_tokens.Take().Text.ToUpperInvariant()}", [])
                : throw QueryException.Syntax(_tokens.Current);
        }

        return node;
    }

    private QueryNode ParseCondition()
    {
        var left = _values.Parse();
        if (_tokens.Current is { Kind: QueryTokenKind.Operator, Text: "=" or "!=" or "<>" or "<" or "<=" or ">" or ">=" or "<=>" })
        {
            var symbol = _tokens.Take().Text;
            return new ComparisonNode(left, symbol == "<>" ? "!=" : symbol, [_values.Parse()]);
        }

        var negation = _tokens.TryTakeKeyword("not") ? "NOT " : "";
        if (_tokens.TryTakeKeyword("in"))
        {
            _tokens.TakeOperator("(");
            return new ComparisonNode(left, $"{negation}IN", _values.ParseList());
        }

        if (_tokens.TryTakeKeyword("between"))
        {
            var from = _values.Parse();
            _tokens.TakeKeyword("and");
            return new ComparisonNode(left, $"{negation}BETWEEN", [from, _values.Parse()]);
        }

        if (_tokens.Current is { Kind: QueryTokenKind.Keyword, Text: "starts_with" or "like" or "regexp" })
        {
            var name = _tokens.Take().Text.ToUpperInvariant();
            var right = _values.Parse();
            if (name == "LIKE" && _tokens.TryTakeKeyword("escape"))
            {
                _values.Parse();
            }

            return new ComparisonNode(left, $"{negation}{name}", [right]);
        }

        return negation.Length == 0 ? left : throw QueryException.Syntax(_tokens.Current);
    }
}
