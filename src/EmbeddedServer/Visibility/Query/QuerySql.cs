using System.Text;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>SQL under construction: text made here and in the translator only, and values that are always parameters.</summary>
internal sealed class QuerySql
{
    private readonly StringBuilder _text = new();
    private readonly List<object> _parameters = [];

    public string Text => _text.ToString();

    /// <summary>Each a <see cref="long"/>, <see cref="double"/> or <see cref="string"/>, in the order of their marks.</summary>
    public IReadOnlyList<object> Parameters => _parameters;

    /// <summary>Appends SQL that holds one mark for each value.</summary>
    public QuerySql Add(string sql, params ReadOnlySpan<object> values)
    {
        _text.Append(sql);
        foreach (var value in values)
        {
            _parameters.Add(value);
        }

        return this;
    }

    /// <summary>Appends other SQL with its values.</summary>
    public QuerySql Add(QuerySql other) => Add(other.Text, [.. other._parameters]);

    /// <summary>Appends a list in parentheses.</summary>
    public QuerySql AddList(IReadOnlyCollection<object> values) => Add("(").Add(List(values)).Add(")");

    /// <summary>A list without parentheses.</summary>
    public static QuerySql List(IReadOnlyCollection<object> values)
    {
        var list = new QuerySql();
        list._text.AppendJoin(", ", values.Select(_ => '?'));
        list._parameters.AddRange(values);
        return list;
    }
}
