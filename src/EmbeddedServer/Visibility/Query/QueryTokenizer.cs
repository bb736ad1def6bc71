using System.Collections.Frozen;
using System.Text;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>Cuts a query into tokens.</summary>
internal static class QueryTokenizer
{
    /// <summary>
    /// Positions in messages count from the start of the statement that the reference server puts in front of a condition
    /// ("select * from … where "), and one past the token's end.
    /// </summary>
    public const int ConditionOffset = 27;

    /// <summary>The same when the query is but a clause.</summary>
    public const int ClauseOffset = 21;

    private static readonly string[] Operators = ["<=>", "<=", ">=", "<>", "!=", "&&", "||", "=", "<", ">", "(", ")", ",", "-", "+", ";", "*", "."];

    /// <summary>Words that mean something to the language or are reserved by it; other words are names.</summary>
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "add", "and", "as", "asc", "between", "binary", "by", "case", "collate", "convert", "create", "cross", "database", "databases",
        "default", "delete", "desc", "describe", "distinct", "div", "drop", "else", "end", "escape", "exists", "explain", "false", "for",
        "force", "from", "group", "having", "if", "ignore", "in", "index", "inner", "insert", "interval", "into", "is", "join", "key",
        "left", "like", "limit", "lock", "match", "mod", "natural", "next", "not", "null", "on", "or", "order", "outer", "regexp",
        "rename", "replace", "right", "schema", "select", "separator", "set", "show", "starts_with", "table", "tables", "then", "to",
        "true", "union", "unique", "update", "use", "using", "values", "when", "where",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static IReadOnlyList<QueryToken> Tokenize(string query, int offset)
    {
        var tokens = new List<QueryToken>();
        var index = 0;
        while (true)
        {
            while (index < query.Length && char.IsWhiteSpace(query[index]))
            {
                index++;
            }

            if (index >= query.Length)
            {
                tokens.Add(new QueryToken(QueryTokenKind.End, "", offset + query.Length + 1));
                return tokens;
            }

            var (kind, text) = Read(query, ref index);
            tokens.Add(new QueryToken(kind, text, offset + index + 1));
            if (kind == QueryTokenKind.Malformed)
            {
                return tokens;
            }
        }
    }

    private static (QueryTokenKind Kind, string Text) Read(string query, ref int index)
    {
        var first = query[index];
        if (IsNameStart(first))
        {
            return ReadWord(query, ref index);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && index + 1 < query.Length && char.IsAsciiDigit(query[index + 1])))
        {
            return ReadNumber(query, ref index);
        }

        switch (first)
        {
            case '\'' or '"':
                return ReadText(query, ref index);
            case '`':
                return ReadQuotedName(query, ref index);
        }

        foreach (var symbol in Operators)
        {
            if (query.AsSpan(index).StartsWith(symbol, StringComparison.Ordinal))
            {
                index += symbol.Length;
                return (QueryTokenKind.Operator, symbol);
            }
        }

        index++;
        return (QueryTokenKind.Malformed, first.ToString());
    }

    private static (QueryTokenKind Kind, string Text) ReadWord(string query, ref int index)
    {
        var start = index;
        while (index < query.Length && (IsNameStart(query[index]) || char.IsAsciiDigit(query[index]) || query[index] is '$'))
        {
            index++;
        }

        var word = query[start..index];
        var lower = word.ToLowerInvariant();
        return Keywords.Contains(lower) ? (QueryTokenKind.Keyword, lower) : (QueryTokenKind.Identifier, word);
    }

    private static (QueryTokenKind Kind, string Text) ReadNumber(string query, ref int index)
    {
        var start = index;
        var kind = QueryTokenKind.Integer;
        SkipDigits(query, ref index);
        if (index < query.Length && query[index] == '.')
        {
            kind = QueryTokenKind.Decimal;
            index++;
            SkipDigits(query, ref index);
        }

        if (index < query.Length && query[index] is 'e' or 'E')
        {
            kind = QueryTokenKind.Decimal;
            index++;
            if (index < query.Length && query[index] is '+' or '-')
            {
                index++;
            }

            SkipDigits(query, ref index);
        }

        // A letter right behind a number makes neither a number nor a name.
        if (index < query.Length && IsNameStart(query[index]))
        {
            kind = QueryTokenKind.Malformed;
        }

        return (kind, query[start..index]);
    }

    /// <summary>A quote within is doubled or has a backslash before it.</summary>
    private static (QueryTokenKind Kind, string Text) ReadText(string query, ref int index)
    {
        var quote = query[index++];
        var text = new StringBuilder();
        while (index < query.Length)
        {
            var next = query[index++];
            if (next == quote)
            {
                if (index >= query.Length || query[index] != quote)
                {
                    return (QueryTokenKind.Text, text.ToString());
                }

                index++;
            }
            else if (next == '\\')
            {
                if (index >= query.Length)
                {
                    break;
                }

                next = Unescape(query[index++]);
            }

            text.Append(next);
        }

        return (QueryTokenKind.Malformed, text.ToString());
    }

    private static (QueryTokenKind Kind, string Text) ReadQuotedName(string query, ref int index)
    {
        var end = query.IndexOf('`', index + 1);
        var name = end < 0 ? query[(index + 1)..] : query[(index + 1)..end];
        index = end < 0 ? query.Length : end + 1;
        return (end < 0 || name.Length == 0 ? QueryTokenKind.Malformed : QueryTokenKind.Identifier, name);
    }

    private static char Unescape(char escaped) => escaped switch
    {
        '0' => '\0',
        'b' => '\b',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'Z' => '\u001a',
        _ => escaped,
    };

    private static bool IsNameStart(char character) => char.IsLetter(character) || character is '_' or '@';

    private static void SkipDigits(string query, ref int index)
    {
        while (index < query.Length && char.IsAsciiDigit(query[index]))
        {
            index++;
        }
    }
}
