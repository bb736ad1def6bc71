namespace Onramp.EmbeddedServer.Visibility.Query;

internal enum QueryTokenKind
{
    End,

    /// <summary>A name, or a word of the language that can be one.</summary>
    Identifier,
    Keyword,
    Text,
    Integer,
    Decimal,

    /// <summary>A literal whose value nothing here can have: a hexadecimal number, a placeholder.</summary>
    Unreadable,
    Operator,

    /// <summary>Something that no query can contain, e.g. a text without its closing quote.</summary>
    Malformed,
}

/// <param name="Text">As a message shows it: keywords in lower case, texts without quotes. Operators as they are.</param>
/// <param name="Position">Where the tokenizer stands after it, counted the way messages count.</param>
internal sealed record QueryToken(QueryTokenKind Kind, string Text, int Position)
{
    public bool IsKeyword(string keyword) => Kind == QueryTokenKind.Keyword && Text == keyword;

    public bool IsOperator(string symbol) => Kind == QueryTokenKind.Operator && Text == symbol;
}
