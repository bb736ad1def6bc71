namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Ways to come by the runs that a condition may be true of without looking at every run: SQL that selects numbers of runs, all that the
/// condition is true of and perhaps others, some of them twice. No way means that every run has to be looked at.
/// </summary>
/// <param name="Ways">Any one of them is enough.</param>
/// <param name="Statuses">What the status has to be, when the condition says that and no more.</param>
/// <param name="Type">What the workflow type has to be, as a condition on the column, when the condition says that and no more.</param>
internal sealed record Candidates(IReadOnlyList<QuerySql> Ways, IReadOnlyList<object>? Statuses = null, QuerySql? Type = null)
{
    /// <summary>More are not tried.</summary>
    private const int MaximumWays = 8;

    public static Candidates Unknown { get; } = new([]);

    public static Candidates Of(QuerySql way) => new([way]);

    /// <summary>Where all conditions are true: each one's ways will do.</summary>
    public static Candidates OfAll(IReadOnlyList<Candidates> operands, long ns)
    {
        var ways = operands.SelectMany(operand => operand.Ways);
        var statuses = operands.FirstOrDefault(operand => operand.Statuses is not null)?.Statuses;
        var type = operands.FirstOrDefault(operand => operand.Type is not null)?.Type;
        if (statuses is not null && type is not null)
        {
            ways = ways.Prepend(ByStatus(ns, statuses, type));
        }

        return new([.. ways.Take(MaximumWays)]);
    }

    /// <summary>Where one of the conditions is true: a way for each, one after the other.</summary>
    public static Candidates OfAny(IReadOnlyList<Candidates> operands)
    {
        if (operands.Any(operand => operand.Ways.Count == 0))
        {
            return Unknown;
        }

        var all = new QuerySql();
        foreach (var operand in operands)
        {
            all.Add(all.Text.Length == 0 ? "SELECT * FROM (" : " UNION ALL SELECT * FROM (").Add(operand.Ways[0]).Add(")");
        }

        return Of(all);
    }

    /// <summary>By an index over namespace, status and type.</summary>
    /// <param name="type">A condition on the type, if that is to be one.</param>
    public static QuerySql ByStatus(long ns, IReadOnlyList<object> statuses, QuerySql? type)
    {
        var sql = new QuerySql()
            .Add("SELECT v.execution FROM visibility v INDEXED BY visibility_by_status WHERE v.namespace = ? AND v.status IN ", ns).AddList(statuses);
        return type is null ? sql : sql.Add(" AND ").Add(type);
    }
}
