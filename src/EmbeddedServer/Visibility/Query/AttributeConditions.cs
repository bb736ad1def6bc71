using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Writes single comparisons. System attributes are columns of the row; custom ones are rows of the table <c>attributes</c>, ordered by
/// (attribute, value, execution), so that each comparison is a range of its key.
/// </summary>
internal sealed class AttributeConditions(Func<string, long?> findNumber, long namespaceNumber)
{
    private const string Nobody = "0";
    private const string Everybody = "1";

    public void WriteColumn(QuerySql sql, SystemColumn column, QueryOperator operation, object[] values)
    {
        var selects = operation is { Negated: false } and ({ Kind: OperatorKind.In or OperatorKind.StartsWith } or { Symbol: "=" });
        if (column.Name == SystemColumns.WorkflowId && selects)
        {
            // There is an index over the ids of runs already.
            sql.Add("(v.execution IN (SELECT number FROM executions WHERE namespace = ? AND ", namespaceNumber);
            WriteComparison(sql, "workflow_id", operation, values);

            // Schedules are no runs. There are few of them.
            sql.Add(") OR (v.execution < 0 AND ");
            WriteComparison(sql, column.Sql, operation, values);
            sql.Add("))");
            return;
        }

        if (operation.Kind == OperatorKind.IsNull)
        {
            sql.Add(operation.Negated ? $"{column.Sql} IS NOT NULL" : $"{column.Sql} IS NULL");
            return;
        }

        WriteComparison(sql, column.Sql, operation, values);
    }

    public void WriteAttribute(QuerySql sql, string name, IndexedValueType type, QueryOperator operation, object[] values)
    {
        var isSet = type is IndexedValueType.KeywordList or IndexedValueType.Text;
        var excludes = isSet && (operation.Negated || operation.Symbol == "<>");
        if (operation.Kind == OperatorKind.IsNull)
        {
            excludes = !operation.Negated;
        }

        if (findNumber(name) is not { } number)
        {
            sql.Add(excludes ? Everybody : Nobody);
            return;
        }

        sql.Add(excludes ? "v.execution NOT IN " : "v.execution IN ");
        sql.Add("(SELECT execution FROM attributes WHERE attribute = ?", number);
        if (operation.Kind != OperatorKind.IsNull)
        {
            sql.Add(" AND ");
            if (isSet)
            {
                sql.Add("value IN ").AddList(type == IndexedValueType.Text ? Words(values) : values);
            }
            else
            {
                WriteComparison(sql, "value", operation, values);
            }
        }

        sql.Add(")");
    }

    private static void WriteComparison(QuerySql sql, string expression, QueryOperator operation, object[] values)
    {
        var not = operation.Negated ? "NOT " : "";
        switch (operation.Kind)
        {
            case OperatorKind.Compare:
                sql.Add($"{expression} {operation.Symbol} ?", values[0]);
                break;
            case OperatorKind.In:
                sql.Add($"{expression} {not}IN ").AddList(values);
                break;
            case OperatorKind.Between:
                sql.Add($"{expression} {not}BETWEEN ? AND ?", values[0], values[1]);
                break;
            case OperatorKind.StartsWith:
                WriteStartsWith(sql, expression, operation.Negated, (string)values[0]);
                break;
            default:
                throw new ArgumentException($"{operation.Kind} compares nothing", nameof(operation));
        }
    }

    private static void WriteStartsWith(QuerySql sql, string expression, bool negated, string prefix)
    {
        long length = prefix.EnumerateRunes().Count();
        if (negated)
        {
            sql.Add($"substr({expression}, 1, ?) <> ?", length, prefix);
        }
        else
        {
            // Nothing below the prefix begins with it: that much an index can skip.
            sql.Add($"({expression} >= ? AND substr({expression}, 1, ?) = ?)", prefix, length, prefix);
        }
    }

    private static object[] Words(object[] values) =>
        values.SelectMany(value => TextTokens.Of((string)value)).Distinct(StringComparer.Ordinal).ToArray<object>();
}
