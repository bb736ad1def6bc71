using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility.Paging;
using Onramp.EmbeddedServer.Visibility.Query;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// Lists and counts from the tables that <see cref="SqliteStore"/> keeps in the transaction of each change.
/// <para>
/// What is rare is found through an index and then sorted; what is frequent is met soon enough in the order of the list. Which of the two a
/// query finds is looked up first, by counting so far as it matters; in between, it is tried for a moment whether the order does.
/// </para>
/// </summary>
public sealed class SqliteVisibility(SqliteStore store) : IVisibility
{
    private readonly SearchAttributeTypes types = new(store);
    private int reading;

    internal ScanOptions Options { get; init; } = new();

    public VisibilityPage List(string namespaceId, string namespaceName, string query, int pageSize, ByteString pageToken)
    {
        var size = pageSize is <= 0 or > VisibilityLimits.MaximumPageSize ? VisibilityLimits.MaximumPageSize : pageSize;
        var (ns, translated) = Translate(namespaceId, query);
        var after = VisibilityPageToken.Parse(pageToken);
        return ns is { } number
            ? Read(database => List(database, number, translated, size, after, name => types.Find(namespaceId, name)))
            : new VisibilityPage([], ByteString.Empty);
    }

    public CountWorkflowExecutionsResponse Count(string namespaceId, string namespaceName, string query)
    {
        var (ns, translated) = Translate(namespaceId, query);
        return ns is { } number ? Read(database => Count(database, number, translated)) : new CountWorkflowExecutionsResponse();
    }

    private VisibilityPage List(
        Database database, long ns, TranslatedQuery query, int size, VisibilityPageToken? after, Func<string, IndexedValueType?> typeOf)
    {
        var (way, found) = FindWay(database, query, Options.MostListedByIndex);
        if (way is not null && found > Options.FewListedByIndex)
        {
            try
            {
                return database.Within(Options.TriedInOrder, _ => List(database, ns, query, way: null, size, after, typeOf));
            }
            catch (SqliteError error) when (error.IsInterrupted)
            {
                // They lie far apart, or far back.
            }
        }

        return List(database, ns, query, way, size, after, typeOf);
    }

    private VisibilityPage List(
        Database database, long ns, TranslatedQuery query, QuerySql? way, int size, VisibilityPageToken? after, Func<string, IndexedValueType?> typeOf)
    {
        var sql = new QuerySql().Add("SELECT ").Add(VisibilityRows.Columns).Add(" FROM visibility v ");
        sql.Add(way is null ? "INDEXED BY visibility_in_order" : "NOT INDEXED");
        AddConditions(sql, ns, query, way, through: after?.CloseOrder ?? (query.FindsClosedOnly ? CloseSpan.LatestClose : long.MaxValue));
        if (after is not null)
        {
            sql.Add(
                " AND (v.close_order < ? OR v.start_time < ? OR (v.start_time = ? AND v.execution > ?))",
                after.CloseOrder, after.StartTime, after.StartTime, after.Number);
        }

        // Where there is one division only, naming it spells the index's order out. One more than asked for tells whether there is a next page.
        sql.Add(" ORDER BY v.close_order DESC, v.start_time DESC, ").Add(query.NamesDivision ? "" : "v.division, ").Add("v.execution LIMIT ?", size + 1L);
        using var statement = Prepare(database, sql);
        var executions = new List<WorkflowExecutionInfo>();
        var bytes = 0L;
        VisibilityPageToken? last = null;
        while (statement.Step())
        {
            if (executions.Count == size || bytes >= Options.MostPageBytes)
            {
                return new VisibilityPage(executions, last!.ToByteString());
            }

            executions.Add(VisibilityRows.Read(statement, typeOf));
            bytes += executions[^1].CalculateSize();
            last = new VisibilityPageToken(statement.Integer(0), statement.Integer(1), statement.Integer(VisibilityRows.NumberColumn));
        }

        return new VisibilityPage(executions, ByteString.Empty);
    }

    private CountWorkflowExecutionsResponse Count(Database database, long ns, TranslatedQuery query)
    {
        var response = new CountWorkflowExecutionsResponse();
        var byDivision = query.GroupBy?.Name == SystemSearchAttributes.NamespaceDivision;
        using var statement = Prepare(
            database, query.IsByStatus && !query.NamesDivision && Options.UsesCounts ? ReadCounts(ns, query) : CountRuns(database, ns, query, byDivision ? "v.division" : "v.status"));
        while (statement.Step())
        {
            var count = statement.Integer(1);
            response.Count += count;
            if (query.GroupBy is not null)
            {
                response.Groups.Add(new CountWorkflowExecutionsResponse.Types.AggregationGroup
                {
                    Count = count,
                    GroupValues = { GroupValue(byDivision ? statement.TextOrNull(0) ?? "" : ((WorkflowExecutionStatus)statement.Integer(0)).ToString()) },
                });
            }
        }

        return response;
    }

    private static QuerySql ReadCounts(long ns, TranslatedQuery query)
    {
        var sql = new QuerySql().Add("SELECT status, runs FROM visibility_counts WHERE namespace = ? AND runs > 0", ns);
        if (query.Statuses is { } statuses)
        {
            sql.Add(" AND status IN ").AddList(statuses);
        }

        return sql.Add(" ORDER BY status");
    }

    private QuerySql CountRuns(Database database, long ns, TranslatedQuery query, string group)
    {
        var sql = new QuerySql().Add($"SELECT {group}, count(*) FROM visibility v ");
        var (way, _) = FindWay(database, query, Options.MostCountedByIndex);
        sql.Add(way is not null ? "NOT INDEXED" : query.Closed.IsAny ? "INDEXED BY visibility_by_status" : "INDEXED BY visibility_in_order");
        AddConditions(sql, ns, query, way, through: long.MaxValue);
        return sql.Add($" GROUP BY {group} ORDER BY {group}");
    }

    /// <summary>
    /// The way that leads to the fewest runs, null when even that leads to more than so many. Where they are few, it is their numbers: a way may be
    /// long, and is gone once.
    /// </summary>
    private (QuerySql? Way, long Found) FindWay(Database database, TranslatedQuery query, long most)
    {
        QuerySql? best = null;
        foreach (var way in query.Ways)
        {
            var numbers = ReadNumbers(database, way);
            var isFew = numbers.Count <= Options.FewListedByIndex;
            if ((isFew ? numbers.Count : CountUpTo(database, way, most)) is var found && found <= most)
            {
                best = isFew ? QuerySql.List(numbers) : way;
                most = found - 1;
            }
        }

        return (best, most + 1);
    }

    /// <summary>One more than few at most.</summary>
    private List<object> ReadNumbers(Database database, QuerySql way)
    {
        using var statement = Prepare(database, new QuerySql().Add("SELECT * FROM (").Add(way).Add(") LIMIT ?", Options.FewListedByIndex + 1));
        var numbers = new List<object>();
        while (statement.Step())
        {
            numbers.Add(statement.Integer(0));
        }

        return numbers;
    }

    /// <summary>One more than <paramref name="most"/> at most.</summary>
    private static long CountUpTo(Database database, QuerySql way, long most)
    {
        using var statement = Prepare(database, new QuerySql().Add("SELECT count(*) FROM (SELECT 1 FROM (").Add(way).Add(") LIMIT ?)", most + 1));
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <param name="through">The last place in the order that is asked for.</param>
    private static void AddConditions(QuerySql sql, long ns, TranslatedQuery query, QuerySql? way, long through)
    {
        sql.Add(" WHERE v.namespace = ?", ns);
        if (way is not null)
        {
            sql.Add(" AND v.execution IN (").Add(way).Add(")");
        }

        if (!query.Closed.IsAny || through != long.MaxValue)
        {
            sql.Add(" AND v.close_order BETWEEN ? AND ?", query.Closed.From, Math.Min(query.Closed.Through, through));
        }

        if (!query.NamesDivision)
        {
            sql.Add(" AND v.division IS NULL");
        }

        if (query.Condition.Text.Length > 0)
        {
            sql.Add(" AND ").Add(query.Condition);
        }
    }

    private static Statement Prepare(Database database, QuerySql sql)
    {
        var statement = database.PrepareOnce(sql.Text);
        foreach (var parameter in sql.Parameters)
        {
            statement.BindValue(parameter);
        }

        return statement;
    }

    private T Read<T>(Func<Database, T> read)
    {
        try
        {
            if (Interlocked.Increment(ref reading) > Options.MostAtOnce)
            {
                throw new RefusalException(
                    RefusalKind.ResourceExhausted,
                    "too many lists and counts are being read",
                    new ResourceExhaustedFailure { Cause = ResourceExhaustedCause.ConcurrentLimit, Scope = ResourceExhaustedScope.System });
            }

            using var lease = store.Connections.Rent();
            return lease.Database.Within(Options.Limit, read);
        }
        catch (SqliteError error) when (error.IsInterrupted)
        {
            throw new RefusalException(
                RefusalKind.DeadlineExceeded,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"context deadline exceeded: the query was ended after {Options.Limit.TotalSeconds} s; narrow it by what few runs have, e.g. a search attribute, a status or a workflow id"),
                innerException: error);
        }
        finally
        {
            Interlocked.Decrement(ref reading);
        }
    }

    /// <summary>What a group has in common, as the value of a keyword.</summary>
    private static Payload GroupValue(string value) => new()
    {
        Metadata =
        {
            ["encoding"] = ByteString.CopyFromUtf8("json/plain"),
            ["type"] = ByteString.CopyFromUtf8(nameof(IndexedValueType.Keyword)),
        },
        Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(value)),
    };

    private (long? Namespace, TranslatedQuery Query) Translate(string namespaceId, string query)
    {
        var ns = store.Names.FindNamespace(namespaceId);
        try
        {
            var translated = QueryTranslator.Translate(
                QueryParser.Parse(query),
                namespaceId,
                ns ?? 0,
                types,
                name => ns is { } number ? store.Names.FindAttribute(number, name) : null);
            return (ns, translated);
        }
        catch (QueryException exception)
        {
            throw new RefusalException(RefusalKind.InvalidArgument, exception.Message, innerException: exception);
        }
    }
}
