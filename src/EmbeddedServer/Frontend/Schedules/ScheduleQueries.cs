using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Onramp.EmbeddedServer.Visibility.Query;

namespace Onramp.EmbeddedServer.Frontend.Schedules;

/// <summary>
/// What lists and counts of schedules may be asked: a query by the schedule's id, whether it is paused, and custom search attributes. What else there
/// is to know of workflows is the server's own business here. A query is looked at by itself first, so that faults are told where its writer sees them.
/// </summary>
internal static class ScheduleQueries
{
    private const string Paused = "TemporalSchedulePaused";
    private const string ServerPrefix = "Temporal";

    /// <summary>The query that finds what is asked for among schedules only.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT.</exception>
    public static string Of(string query)
    {
        if (string.IsNullOrWhiteSpace(query))
        {
            return ScheduleNames.DivisionQuery;
        }

        ParsedQuery parsed;
        try
        {
            parsed = QueryParser.Parse(query);
        }
        catch (QueryException broken)
        {
            throw Refusals.InvalidArgument(broken.Message);
        }

        var names = NamesOf(parsed.Condition).Concat(parsed.GroupBy.Concat(parsed.OrderBy).SelectMany(NamesOf));
        if (names.FirstOrDefault(IsReserved) is { } reserved)
        {
            throw Refusals.InvalidArgument($"invalid query filter for schedules: cannot filter on \"{reserved}\"");
        }

        if (parsed.GroupBy is [NameNode group, ..])
        {
            throw Refusals.InvalidArgument(
                QueryException.Unsupported($"'GROUP BY' clause is not supported for search attribute {group.Name}").Message);
        }

        return $"({query}) AND {ScheduleNames.DivisionQuery}";
    }

    private static bool IsReserved(string name) =>
        name != Paused && (SystemSearchAttributes.All.ContainsKey(name) || name.StartsWith(ServerPrefix, StringComparison.Ordinal));

    private static IEnumerable<string> NamesOf(QueryNode? node) => node switch
    {
        NameNode name => [name.Name],
        ParenNode paren => NamesOf(paren.Inner),
        NotNode not => NamesOf(not.Operand),
        AndNode and => and.Operands.SelectMany(NamesOf),
        OrNode or => or.Operands.SelectMany(NamesOf),
        ComparisonNode comparison => NamesOf(comparison.Left),
        _ => [],
    };
}
