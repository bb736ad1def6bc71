using System.Text;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>Cuts a query into tokens.</summary>
internal sealed class QueryTokenizer
{
    /// <summary>
    /// Positions in messages count bytes from the start of the statement that the reference server puts in front of a condition
    /// ("select * from … where "), and one past the token's end.
    /// </summary>
    public const int ConditionOffset = 27;

    /// <summary>The same when the query is but a clause.</summary>
    public const int ClauseOffset = 21;

    private const string Blanks = " \n\r\t";

    private static readonly string[] Operators =
        ["<=>", "->>", "<<", ">>", "->", "<=", ">=", "<>", "!=", "&&", "||", "=", "<", ">", "(", ")", ",", "-", "+", ";", "*", ".", "/", "%", "^", "~", "!", "&", "|"];

    private readonly string _query;
    private int _index;
    private int _countedTo;
    private int _bytes;

    private QueryTokenizer(string query, int offset)
    {
        _query = query;
        _bytes = offset;
    }

    private bool IsAtEnd => _index >= _query.Length;

    private char Next => IsAtEnd ? '\0' : _query[_index];

    public static IReadOnlyList<QueryToken> Tokenize(string query, int offset)
    {
        var tokenizer = new QueryTokenizer(query, offset);
        var tokens = new List<QueryToken>();
        QueryToken token;
        do
        {
            token = tokenizer.Read();
            tokens.Add(token);
        }
        while (token.Kind is not (QueryTokenKind.End or QueryTokenKind.Malformed));

        return tokens;
    }

    internal static bool IsNameStart(char character) => char.IsAsciiLetter(character) || character is '_' or '@';

    private QueryToken Read()
    {
        while (true)
        {
            while (!IsAtEnd && Blanks.Contains(Next, StringComparison.Ordinal))
            {
                _index++;
            }

            if (IsAtEnd)
            {
                return Token((QueryTokenKind.End, ""));
            }

            if (!SkipLineComment())
            {
                if (!StartsWith("/*"))
                {
                    return Token(ReadToken());
                }

                var end = _query.IndexOf("*/", _index + 2, StringComparison.Ordinal);
                if (end < 0)
                {
                    var comment = _query[_index..];
                    _index = _query.Length;
                    return Token((QueryTokenKind.Malformed, comment));
                }

                _index = end + 2;
            }
        }
    }

    private QueryToken Token((QueryTokenKind Kind, string Text) read)
    {
        _bytes += Encoding.UTF8.GetByteCount(_query.AsSpan(_countedTo, _index - _countedTo));
        _countedTo = _index;
        return new QueryToken(read.Kind, read.Text, _bytes + 1);
    }

    private bool StartsWith(string text) => string.CompareOrdinal(_query, _index, text, 0, text.Length) == 0;

    private bool SkipLineComment()
    {
        if (!StartsWith("--") && !StartsWith("//") && Next != '#')
        {
            return false;
        }

        var end = _query.IndexOf('\n', _index);
        _index = end < 0 ? _query.Length : end + 1;
        return true;
    }

    private (QueryTokenKind Kind, string Text) ReadToken()
    {
        var first = Next;
        if (IsNameStart(first))
        {
            return ReadWord();
        }

        if (char.IsAsciiDigit(first) || (first == '.' && _index + 1 < _query.Length && char.IsAsciiDigit(_query[_index + 1])))
        {
            return ReadNumber();
        }

        switch (first)
        {
            case '\'' or '"':
                return ReadText();
            case '`':
                return ReadQuotedName();
            case '?':
                _index++;
                return (QueryTokenKind.Unreadable, ":v1");
            case ':':
                return ReadPlaceholder();
        }

        foreach (var symbol in Operators)
        {
            if (StartsWith(symbol))
            {
                _index += symbol.Length;
                return (QueryTokenKind.Operator, symbol);
            }
        }

        _index++;
        return (QueryTokenKind.Malformed, first.ToString());
    }

    private (QueryTokenKind Kind, string Text) ReadWord()
    {
        var start = _index;
        while (IsNameStart(Next) || char.IsAsciiDigit(Next))
        {
            _index++;
        }

        return QueryWords.Read(_query[start.._index]);
    }

    private (QueryTokenKind Kind, string Text) ReadPlaceholder()
    {
        var start = _index++;
        if (!IsNameStart(Next))
        {
            return (QueryTokenKind.Malformed, ":");
        }

        while (IsNameStart(Next) || char.IsAsciiDigit(Next) || Next == '.')
        {
            _index++;
        }

        return (QueryTokenKind.Unreadable, _query[start.._index]);
    }

    private (QueryTokenKind Kind, string Text) ReadNumber()
    {
        var start = _index;
        var kind = QueryTokenKind.Integer;
        if (StartsWith("0x") || StartsWith("0X"))
        {
            kind = QueryTokenKind.Unreadable;
            _index += 2;
            while (char.IsAsciiHexDigit(Next))
            {
                _index++;
            }
        }
        else
        {
            SkipDigits();
            if (Next == '.')
            {
                kind = QueryTokenKind.Decimal;
                _index++;
                SkipDigits();
            }

            if (Next is 'e' or 'E')
            {
                kind = QueryTokenKind.Decimal;
                _index++;
                if (Next is '+' or '-')
                {
                    _index++;
                }

                SkipDigits();
            }
        }

        // A letter right behind a number makes neither a number nor a name.
        return (IsNameStart(Next) ? QueryTokenKind.Malformed : kind, _query[start.._index]);
    }

    /// <summary>A quote within is doubled or has a backslash before it.</summary>
    private (QueryTokenKind Kind, string Text) ReadText()
    {
        var quote = _query[_index++];
        var text = new StringBuilder();
        while (!IsAtEnd)
        {
            var next = _query[_index++];
            if (next == quote)
            {
                if (Next != quote || IsAtEnd)
                {
                    return (QueryTokenKind.Text, text.ToString());
                }

                _index++;
            }
            else if (next == '\\')
            {
                if (IsAtEnd)
                {
                    break;
                }

                next = Unescape(_query[_index++]);
            }

            text.Append(next);
        }

        return (QueryTokenKind.Malformed, text.ToString());
    }

    /// <summary>A backtick within is doubled.</summary>
    private (QueryTokenKind Kind, string Text) ReadQuotedName()
    {
        var name = new StringBuilder();
        for (_index++; !IsAtEnd; _index++)
        {
            if (Next == '`')
            {
                _index++;
                if (Next != '`' || IsAtEnd)
                {
                    return (name.Length == 0 ? QueryTokenKind.Malformed : QueryTokenKind.Identifier, name.ToString());
                }
            }

            name.Append(Next);
        }

        return (QueryTokenKind.Malformed, name.ToString());
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Next))
        {
            _index++;
        }
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
}
