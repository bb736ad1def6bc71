using System.Globalization;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Parses what comparisons compare: names, literals, lists, and what only looks as if it could be compared, arithmetic and functions.
/// </summary>
/// <param name="tokens">Where it reads.</param>
/// <param name="parseExpression">Parses what may stand in parentheses, which is everything.</param>
internal sealed class ValueParser(TokenReader tokens, Func<QueryNode> parseExpression)
{
    private const int Weakest = 1;

    public QueryNode Parse() => ParseBinary(Weakest);

    /// <summary>Values up to a closing parenthesis; the opening one is taken.</summary>
    public List<QueryNode> ParseList() => tokens.Nested(() =>
    {
        var values = new List<QueryNode>();
        do
        {
            values.Add(parseExpression());
        }
        while (tokens.TryTakeOperator(","));

        tokens.TakeOperator(")");
        return values;
    });

    private QueryNode ParseBinary(int weakest)
    {
        var left = ParseUnary();
        while (Strength(tokens.Current) is var strength && strength >= weakest)
        {
            tokens.Take();
            ParseBinary(strength + 1);
            left = new UselessNode(UselessNode.Binary);
        }

        return left;
    }

    private static int Strength(QueryToken token) => (token.Kind, token.Text) switch
    {
        (QueryTokenKind.Operator, "|") => Weakest,
        (QueryTokenKind.Operator, "&") => 2,
        (QueryTokenKind.Operator, "<<" or ">>") => 3,
        (QueryTokenKind.Operator, "+" or "-") => 4,
        (QueryTokenKind.Operator, "*" or "/" or "%") or (QueryTokenKind.Keyword, "div" or "mod") => 5,
        (QueryTokenKind.Operator, "^") => 6,
        _ => 0,
    };

    private QueryNode ParseUnary()
    {
        var sign = tokens.Current;
        if (sign is not ({ Kind: QueryTokenKind.Operator, Text: "-" or "+" or "~" or "!" } or { Kind: QueryTokenKind.Keyword, Text: "binary" or "_binary" }))
        {
            return ParsePrimary();
        }

        tokens.Take();

        // Whole numbers take signs; of others no sign makes another number.
        var isWhole = sign.Text is "-" or "+" && tokens.Current.Kind == QueryTokenKind.Integer;
        return isWhole
            ? ReadNumber(tokens.Take(), sign.Text == "-" ? "-" : "")
            : tokens.Nested(ParseUnary) is ValueNode { Value: long number } && sign.Text is "-" or "+"
                ? new ValueNode(sign.Text == "-" ? -number : number)
                : new UselessNode(UselessNode.Unary);
    }

    private QueryNode ParsePrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case QueryTokenKind.Identifier:
                tokens.Take();
                return ParseName(token.Text);
            case QueryTokenKind.Text:
                return new ValueNode(tokens.Take().Text);
            case QueryTokenKind.Integer or QueryTokenKind.Decimal:
                return ReadNumber(tokens.Take(), sign: "");
            case QueryTokenKind.Unreadable:
                return new UnreadableNode(tokens.Take().Text);
            case QueryTokenKind.Keyword when token.Text is "true" or "false" or "null":
                tokens.Take();
                return new ValueNode(token.Text == "null" ? null : token.Text == "true");
            case QueryTokenKind.Keyword when IsMoment(token.Text):
                tokens.Take();
                return tokens.TryTakeOperator("(") ? ParseArguments() : new FunctionNode();
            case QueryTokenKind.Keyword when token.Text is "if" or "left" or "right" or "mod" or "replace" or "database":
                tokens.Take();
                tokens.TakeOperator("(");
                return ParseArguments();
            case QueryTokenKind.Operator when token.Text == "(":
                tokens.Take();
                return ParseList() is [var inner] ? new ParenNode(inner) : new UselessNode(UselessNode.Tuple);
            default:
                throw QueryException.Syntax(token);
        }
    }

    private static bool IsMoment(string word) =>
        word is "current_timestamp" or "current_date" or "current_time" or "utc_timestamp" or "utc_date" or "utc_time" or "localtime" or "localtimestamp";

    private QueryNode ParseName(string name)
    {
        for (var parts = 1; parts < 3 && tokens.TryTakeOperator("."); parts++)
        {
            name = tokens.Current.Kind is QueryTokenKind.Identifier or QueryTokenKind.Keyword
                ? $"{name}.{tokens.Take().Text}"
                : throw QueryException.Syntax(tokens.Current);
        }

        if (tokens.TryTakeOperator("("))
        {
            return ParseArguments();
        }

        if (tokens.TryTakeOperator("->") || tokens.TryTakeOperator("->>"))
        {
            ParsePrimary();
            return new UselessNode(UselessNode.Binary);
        }

        return new NameNode(name);
    }

    private FunctionNode ParseArguments()
    {
        if (tokens.TryTakeOperator(")"))
        {
            return new FunctionNode();
        }

        tokens.TryTakeKeyword("distinct");
        if (tokens.TryTakeOperator("*"))
        {
            tokens.TakeOperator(")");
        }
        else
        {
            ParseList();
        }

        return new FunctionNode();
    }

    private static QueryNode ReadNumber(QueryToken token, string sign)
    {
        if (token.Kind == QueryTokenKind.Integer
            && long.TryParse(sign + token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return new ValueNode(integer);
        }

        return double.TryParse(sign + token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? new ValueNode(real)
            : new UnreadableNode(sign + token.Text);
    }
}
