namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>The tokens of a query, one after the other.</summary>
internal sealed class TokenReader(IReadOnlyList<QueryToken> tokens)
{
    private int _index;
    private int _depth;

    public QueryToken Current => tokens[_index];

    public QueryToken Take() => tokens[_index++];

    public bool TryTakeKeyword(string keyword) => TryTake(Current.IsKeyword(keyword));

    public bool TryTakeOperator(string symbol) => TryTake(Current.IsOperator(symbol));

    /// <summary>A word that could be a name, too.</summary>
    public bool TryTakeName(string word) => TryTake(Current.Kind == QueryTokenKind.Identifier && Current.Text == word);

    /// <exception cref="QueryException">Something else stands there.</exception>
    public void TakeKeyword(string keyword)
    {
        if (!TryTakeKeyword(keyword))
        {
            throw QueryException.Syntax(Current);
        }
    }

    /// <inheritdoc cref="TakeKeyword"/>
    public void TakeOperator(string symbol)
    {
        if (!TryTakeOperator(symbol))
        {
            throw QueryException.Syntax(Current);
        }
    }

    /// <summary>What stands in parentheses, or behind NOT or a sign: it may nest so deep only.</summary>
    /// <exception cref="QueryException">Deeper than that.</exception>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > VisibilityLimits.MaximumQueryDepth)
        {
            throw QueryException.TooDeep(tokens[_index - 1]);
        }

        var parsed = parse();
        _depth--;
        return parsed;
    }

    private bool TryTake(bool matches)
    {
        if (matches)
        {
            _index++;
        }

        return matches;
    }
}
