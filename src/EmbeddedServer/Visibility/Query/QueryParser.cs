using System.Globalization;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Parses a list filter by recursive descent. <c>OR</c> binds weakest, then <c>AND</c>, then <c>NOT</c>.
/// </summary>
/// <remarks>
/// The first token that can't continue what stands before it is the one that is reported, whatever else is wrong behind it.
/// </remarks>
internal sealed class QueryParser
{
    private readonly IReadOnlyList<QueryToken> _tokens;
    private int _index;
    private int _depth;

    private QueryParser(IReadOnlyList<QueryToken> tokens) => _tokens = tokens;

    private QueryToken Current => _tokens[_index];

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

        var isClause = StartsWithWords(trimmed, "order", "by") || StartsWithWords(trimmed, "group", "by");
        var offset = isClause ? QueryTokenizer.ClauseOffset : QueryTokenizer.ConditionOffset;
        return new QueryParser(QueryTokenizer.Tokenize(trimmed, offset)).ParseQuery(isClause);
    }

    private static bool StartsWithWords(string text, string first, string second)
    {
        var words = text.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1
            && words[0].Equals(first, StringComparison.OrdinalIgnoreCase)
            && words[1].Equals(second, StringComparison.OrdinalIgnoreCase);
    }

    private ParsedQuery ParseQuery(bool isClause)
    {
        var condition = isClause ? null : ParseOr();
        var groupBy = TryTakeKeyword("group") ? ParseNames(allowDirection: false) : [];
        var orderBy = TryTakeKeyword("order") ? ParseNames(allowDirection: true) : [];
        var hasLimit = TryTakeKeyword("limit");
        if (hasLimit)
        {
            ParseOperand();
        }

        TryTakeOperator(";");
        return Current.Kind == QueryTokenKind.End
            ? new ParsedQuery(condition, groupBy, orderBy, hasLimit)
            : throw QueryException.Syntax(Current);
    }

    private List<string> ParseNames(bool allowDirection)
    {
        TakeKeyword("by");
        var names = new List<string>();
        do
        {
            names.Add(Current.Kind == QueryTokenKind.Identifier ? Take().Text : throw QueryException.Syntax(Current));
            if (allowDirection && !TryTakeKeyword("asc"))
            {
                TryTakeKeyword("desc");
            }
        }
        while (TryTakeOperator(","));

        return names;
    }

    private QueryNode ParseOr()
    {
        var operands = new List<QueryNode> { ParseAnd() };
        while (TryTakeKeyword("or") || TryTakeOperator("||"))
        {
            operands.Add(ParseAnd());
        }

        return operands.Count == 1 ? operands[0] : new OrNode(operands);
    }

    private QueryNode ParseAnd()
    {
        var operands = new List<QueryNode> { ParseNot() };
        while (TryTakeKeyword("and") || TryTakeOperator("&&"))
        {
            operands.Add(ParseNot());
        }

        return operands.Count == 1 ? operands[0] : new AndNode(operands);
    }

    private QueryNode ParseNot()
    {
        if (++_depth > VisibilityLimits.MaximumQueryDepth)
        {
            throw QueryException.Unsupported($"more than {VisibilityLimits.MaximumQueryDepth} levels of parentheses and NOT");
        }

        var node = TryTakeKeyword("not") ? new NotNode(ParseNot()) : ParsePredicate();
        _depth--;
        return node;
    }

    private QueryNode ParsePredicate()
    {
        if (TryTakeOperator("("))
        {
            var inner = ParseOr();
            TakeOperator(")");
            return inner;
        }

        var left = ParseOperand();
        if (Current.Kind == QueryTokenKind.Operator && Current.Text is "=" or "!=" or "<>" or "<" or "<=" or ">" or ">=" or "<=>")
        {
            var symbol = Take().Text;
            return new ComparisonNode(left, symbol == "<>" ? "!=" : symbol, [ParseOperand()]);
        }

        if (TryTakeKeyword("is"))
        {
            return ParseIs(left);
        }

        var negation = TryTakeKeyword("not") ? "NOT " : "";
        if (TryTakeKeyword("in"))
        {
            return new ComparisonNode(left, $"{negation}IN", ParseList());
        }

        if (TryTakeKeyword("between"))
        {
            var from = ParseOperand();
            TakeKeyword("and");
            return new ComparisonNode(left, $"{negation}BETWEEN", [from, ParseOperand()]);
        }

        if (Current.Kind == QueryTokenKind.Keyword && Current.Text is "starts_with" or "like" or "regexp")
        {
            var name = Take().Text.ToUpperInvariant();
            return new ComparisonNode(left, $"{negation}{name}", [ParseOperand()]);
        }

        return negation.Length == 0 ? new BareNode(left) : throw QueryException.Syntax(Current);
    }

    private ComparisonNode ParseIs(QueryOperand left)
    {
        var negation = TryTakeKeyword("not") ? "NOT " : "";
        return Current.Kind == QueryTokenKind.Keyword && Current.Text is "null" or "true" or "false"
            ? new ComparisonNode(left, $"IS {negation}{Take().Text.ToUpperInvariant()}", [])
            : throw QueryException.Syntax(Current);
    }

    private List<QueryOperand> ParseList()
    {
        TakeOperator("(");
        var values = new List<QueryOperand>();
        do
        {
            values.Add(ParseOperand());
        }
        while (TryTakeOperator(","));

        TakeOperator(")");
        return values;
    }

    private QueryOperand ParseOperand()
    {
        var token = Current;
        switch (token.Kind)
        {
            case QueryTokenKind.Identifier:
                _index++;
                return new NameOperand(token.Text);
            case QueryTokenKind.Text:
                _index++;
                return new ValueOperand(token.Text);
            case QueryTokenKind.Integer or QueryTokenKind.Decimal:
                _index++;
                return new ValueOperand(ReadNumber(token, sign: ""));
            case QueryTokenKind.Keyword when token.Text is "true" or "false" or "null":
                _index++;
                return new ValueOperand(token.Text == "null" ? null : token.Text == "true");
            case QueryTokenKind.Operator when token.Text is "-" or "+":
                _index++;
                return Current.Kind is QueryTokenKind.Integer or QueryTokenKind.Decimal
                    ? new ValueOperand(ReadNumber(Take(), token.Text == "-" ? "-" : ""))
                    : throw QueryException.Syntax(Current);
            default:
                throw QueryException.Syntax(token);
        }
    }

    private static object ReadNumber(QueryToken token, string sign)
    {
        if (token.Kind == QueryTokenKind.Integer
            && long.TryParse(sign + token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return integer;
        }

        return double.TryParse(sign + token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? real
            : throw QueryException.Syntax(token);
    }

    private QueryToken Take() => _tokens[_index++];

    private bool TryTakeKeyword(string keyword) => TryTake(Current.IsKeyword(keyword));

    private bool TryTakeOperator(string symbol) => TryTake(Current.IsOperator(symbol));

    private bool TryTake(bool matches)
    {
        if (matches)
        {
            _index++;
        }

        return matches;
    }

    private void TakeKeyword(string keyword)
    {
        if (!TryTakeKeyword(keyword))
        {
            throw QueryException.Syntax(Current);
        }
    }

    private void TakeOperator(string symbol)
    {
        if (!TryTakeOperator(symbol))
        {
            throw QueryException.Syntax(Current);
        }
    }
}
