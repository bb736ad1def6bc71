namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>What is wrong with a query, in the words a caller gets to see.</summary>
internal sealed class QueryException : Exception
{
    private QueryException(string message)
        : base($"invalid query: {message}")
    {
    }

    /// <summary>The text can't be parsed; <paramref name="token"/> is the first that can't stand where it does.</summary>
    public static QueryException Syntax(QueryToken token)
    {
        var near = token.Kind is QueryTokenKind.Operator or QueryTokenKind.End || token.Text.Length == 0 ? "" : $" near '{token.Text}'";
        return new($"malformed SQL query: syntax error at position {token.Position}{near}");
    }

    /// <summary>Parentheses, NOTs and signs nest deeper than they may; <paramref name="token"/> is the one too many.</summary>
    public static QueryException TooDeep(QueryToken token) => new($"malformed SQL query: max nesting level reached at position {token.Position}");

    /// <summary>It parses, but makes no sense.</summary>
    public static QueryException Invalid(string what) => new($"invalid expression: {what}");

    /// <summary>It would make sense, but isn't supported.</summary>
    public static QueryException Unsupported(string what) => new($"operation is not supported: {what}");

    public static QueryException UnknownName(string name) => new($"invalid search attribute: {name}");

    public static QueryException TooLong() => new($"longer than {VisibilityLimits.MaximumQueryCharacters} characters");
}
