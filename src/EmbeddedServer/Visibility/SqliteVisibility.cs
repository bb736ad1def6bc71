using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility.Query;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Lists and counts from the tables that <see cref="SqliteStore"/> keeps in the transaction of each change.</summary>
public sealed class SqliteVisibility(SqliteStore store) : IVisibility
{
    public VisibilityPage List(string namespaceId, string namespaceName, string query, int pageSize, ByteString pageToken)
    {
        var after = VisibilityPageToken.Parse(pageToken);
        var size = pageSize is <= 0 or > VisibilityLimits.MaximumPageSize ? VisibilityLimits.MaximumPageSize : pageSize;
        var (ns, translated) = Translate(namespaceId, query);
        if (ns is not { } number)
        {
            return new VisibilityPage([], ByteString.Empty);
        }

        var sql = new QuerySql().Add("SELECT ").Add(VisibilityRows.Columns);
        AddSource(sql, number, translated);
        if (after is not null)
        {
            sql.Add(
                """
                 AND v.close_order <= ? AND (v.close_order < ? OR v.start_time < ? OR (v.start_time = ? AND v.execution > ?))
                """,
                after.CloseOrder, after.CloseOrder, after.StartTime, after.StartTime, after.Number);
        }

        // One more than asked for tells whether there is a next page.
        sql.Add(" ORDER BY v.close_order DESC, v.start_time DESC, v.execution LIMIT ?", size + 1L);
        using var lease = store.Connections.Rent();
        using var statement = Prepare(lease.Database, sql);
        var executions = new List<WorkflowExecutionInfo>();
        VisibilityPageToken? last = null;
        while (statement.Step())
        {
            if (executions.Count == size)
            {
                return new VisibilityPage(executions, last!.ToByteString());
            }

            executions.Add(VisibilityRows.Read(statement));
            last = new VisibilityPageToken(statement.Integer(0), statement.Integer(1), statement.Integer(VisibilityRows.NumberColumn));
        }

        return new VisibilityPage(executions, ByteString.Empty);
    }

    public CountWorkflowExecutionsResponse Count(string namespaceId, string namespaceName, string query)
    {
        var (ns, translated) = Translate(namespaceId, query);
        var response = new CountWorkflowExecutionsResponse();
        if (ns is not { } number)
        {
            return response;
        }

        var sql = new QuerySql().Add("SELECT v.status, count(*)");
        AddSource(sql, number, translated);
        sql.Add(" GROUP BY v.status ORDER BY v.status");
        using var lease = store.Connections.Rent();
        using var statement = Prepare(lease.Database, sql);
        while (statement.Step())
        {
            var count = statement.Integer(1);
            response.Count += count;
            if (translated.GroupsByStatus)
            {
                response.Groups.Add(new CountWorkflowExecutionsResponse.Types.AggregationGroup
                {
                    Count = count,
                    GroupValues = { StatusPayload((WorkflowExecutionStatus)statement.Integer(0)) },
                });
            }
        }

        return response;
    }

    private static void AddSource(QuerySql sql, long ns, TranslatedQuery query)
    {
        sql.Add(" FROM visibility v WHERE v.namespace = ?", ns);
        if (!query.NamesDivision)
        {
            sql.Add(" AND v.division IS NULL");
        }

        if (query.Sql.Length > 0)
        {
            sql.Add(" AND ").Add(query.Sql, [.. query.Parameters]);
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

    private static Payload StatusPayload(WorkflowExecutionStatus status) => new()
    {
        Metadata =
        {
            ["encoding"] = ByteString.CopyFromUtf8("json/plain"),
            ["type"] = ByteString.CopyFromUtf8(nameof(IndexedValueType.Keyword)),
        },
        Data = ByteString.CopyFromUtf8($"\"{QueryValues.StatusName(status)}\""),
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
                store.Types,
                name => ns is { } number ? store.Names.FindAttribute(number, name) : null);
            return (ns, translated);
        }
        catch (QueryException exception)
        {
            throw new RefusalException(StatusCode.InvalidArgument, exception.Message, innerException: exception);
        }
    }
}
