using System.Text.RegularExpressions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>
/// Writes single comparisons, and says which runs they may be true of. System attributes are columns of the row; custom ones are rows of the
/// table <c>attributes</c>, ordered by (attribute, value, execution) and by (execution, attribute, value): the first order finds runs, the
/// second one answers for a run that was found otherwise.
/// </summary>
internal sealed partial class AttributeConditions(Func<string, long?> findNumber, long namespaceNumber)
{
    private const string Nobody = "0";
    private const string Everybody = "1";
    private const int LongestPrefix = 8_000;

    private static readonly object[] AllStatuses =
        [.. Enum.GetValues<WorkflowExecutionStatus>().Select(status => (object)(long)status)];

    public Candidates WriteColumn(QuerySql sql, SystemColumn column, QueryOperator operation, object[] values)
    {
        if (operation.Kind == OperatorKind.IsNull)
        {
            sql.Add(operation.Negated ? $"{column.Sql} IS NOT NULL" : $"{column.Sql} IS NULL");
            return Candidates.Unknown;
        }

        WriteComparison(sql, column.Sql, operation, values);
        return operation.Negated || operation.Symbol == "<>" ? Candidates.Unknown : ByColumn(column, operation, values);
    }

    public Candidates WriteAttribute(QuerySql sql, string name, IndexedValueType type, QueryOperator operation, object[] values)
    {
        var isSet = type is IndexedValueType.KeywordList or IndexedValueType.Text;
        var excludes = isSet && (operation.Negated || operation.Symbol == "<>");
        if (operation.Kind == OperatorKind.IsNull)
        {
            excludes = !operation.Negated;
        }

        if (name != SystemSearchAttributes.BuildIds)
        {
            return WriteStored(sql, name, type, operation, values, isSet, excludes);
        }

        // Nobody but the server has to do with them as a rule; a client may have set some, too.
        sql.Add("(");
        WriteStored(sql, name, type, operation, values, isSet, excludes);
        sql.Add(excludes ? " AND NOT EXISTS " : " OR EXISTS ").Add("(SELECT 1 FROM executions e WHERE e.number = v.execution AND e.builds ");
        if (operation.Kind == OperatorKind.IsNull)
        {
            sql.Add("IS NOT NULL))");
        }
        else
        {
            sql.Add("IN (SELECT list FROM builds WHERE build IN ").AddList(values).Add(")))");
        }

        return Candidates.Unknown;
    }

    private Candidates WriteStored(
        QuerySql sql, string name, IndexedValueType type, QueryOperator operation, object[] values, bool isSet, bool excludes)
    {
        if (findNumber(name) is not { } number)
        {
            sql.Add(excludes ? Everybody : Nobody);
            return excludes ? Candidates.Unknown : Candidates.Of(new QuerySql().Add("SELECT 0 WHERE 0"));
        }

        if (type == IndexedValueType.Text && operation.Kind != OperatorKind.IsNull)
        {
            return WriteText(sql, number, (string)values[0], excludes);
        }

        var condition = new QuerySql();
        if (operation.Kind != OperatorKind.IsNull)
        {
            condition.Add(" AND ");
            if (isSet)
            {
                condition.Add("value IN ").AddList(AnyCase(values));
            }
            else
            {
                WriteComparison(condition, "value", operation, values);
            }
        }

        sql.Add(excludes ? "NOT " : "").Add(Has(number, condition));
        return excludes
            ? Candidates.Unknown
            : Candidates.Of(new QuerySql().Add("SELECT execution FROM attributes WHERE attribute = ?", number).Add(condition));
    }

    /// <summary>
    /// A text is found by any of the words that blanks separate; one that something else cuts in pieces has to be there with all of them.
    /// </summary>
    private static Candidates WriteText(QuerySql sql, long number, string text, bool excludes)
    {
        var phrases = TextTokens.PhrasesOf(text);
        sql.Add(excludes ? "NOT (" : "(");
        foreach (var phrase in phrases)
        {
            foreach (var word in phrase)
            {
                sql.Add(Has(number, new QuerySql().Add(" AND value = ?", word))).Add(" AND ");
            }

            sql.Add(Everybody).Add(" OR ");
        }

        sql.Add(Nobody).Add(")");
        return excludes
            ? Candidates.Unknown
            : Candidates.Of(new QuerySql()
                .Add("SELECT execution FROM attributes WHERE attribute = ? AND value IN ", number).AddList([.. phrases.Select(phrase => phrase[0])]));
    }

    private static QuerySql Has(long number, QuerySql condition) => new QuerySql()
        .Add("EXISTS (SELECT 1 FROM attributes INDEXED BY attributes_by_execution WHERE execution = v.execution AND attribute = ?", number)
        .Add(condition).Add(")");

    /// <summary>Members of lists are found whatever their case is: as they are indexed, and as older versions did, who kept it.</summary>
    private static object[] AnyCase(object[] values) =>
        [.. values.SelectMany(value => new[] { (string)value, SearchAttributeIndex.MemberKey((string)value) }).Distinct(StringComparer.Ordinal)];

    private Candidates ByColumn(SystemColumn column, QueryOperator operation, object[] values)
    {
        var condition = new QuerySql();
        switch (column.Name)
        {
            case SystemColumns.WorkflowId:
                // There is an index over the ids of runs already. Schedules are no runs, and there are few of them.
                WriteComparison(condition, "workflow_id", operation, values);
                return Candidates.Of(new QuerySql()
                    .Add("SELECT number FROM executions INDEXED BY executions_by_workflow WHERE namespace = ? AND ", namespaceNumber).Add(condition)
                    .Add(" UNION ALL SELECT execution FROM visibility WHERE execution < 0 AND ").Add(condition));
            case SystemColumns.RunId:
                // That index holds them, too, in another order: all of it has to be read, which is less than all runs. One of their own costs each run 2 KiB of writes.
                WriteComparison(condition, "run_id", operation, values);
                return Candidates.Of(new QuerySql()
                    .Add("SELECT number FROM executions INDEXED BY executions_by_workflow WHERE namespace = ? AND ", namespaceNumber).Add(condition)
                    .Add(" UNION ALL SELECT execution FROM visibility WHERE execution < 0 AND ").Add(condition));
            case SystemColumns.Status when operation is { Kind: OperatorKind.Compare, Symbol: "=" } or { Kind: OperatorKind.In }:
                return new Candidates([Candidates.ByStatus(namespaceNumber, values, type: null)], Statuses: values);
            case SystemColumns.WorkflowType:
                WriteComparison(condition, "v.workflow_type", operation, values);
                return new Candidates([Candidates.ByStatus(namespaceNumber, AllStatuses, condition)], Type: condition);
            case SystemColumns.ParentWorkflowId:
                WriteComparison(condition, "parent_workflow_id", operation, values);
                return Candidates.Of(new QuerySql()
                    .Add("SELECT execution FROM visibility INDEXED BY visibility_by_parent WHERE namespace = ? AND parent_workflow_id IS NOT NULL AND ", namespaceNumber)
                    .Add(condition));
            default:
                return Candidates.Unknown;
        }
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

    /// <summary>As the reference's LIKE, which takes the letters of ASCII for the same in either case.</summary>
    private static void WriteStartsWith(QuerySql sql, string expression, bool negated, string prefix)
    {
        // No value is so long. SQLite takes no pattern of more than 50,000 bytes.
        prefix = prefix.Length > LongestPrefix ? prefix[..LongestPrefix] : prefix;
        var pattern = $"{Special().Replace(prefix, "!$0")}%";
        if (negated)
        {
            sql.Add($"{expression} NOT LIKE ? ESCAPE '!'", pattern);
        }
        else
        {
            // Upper case comes first. Nothing below the prefix in it begins with it in any case: that much an index can skip.
            sql.Add($"({expression} >= ? AND {expression} LIKE ? ESCAPE '!')", UpperAscii(prefix), pattern);
        }
    }

    private static string UpperAscii(string text) => string.Create(text.Length, text, (upper, original) =>
    {
        for (var i = 0; i < upper.Length; i++)
        {
            upper[i] = char.IsAsciiLetterLower(original[i]) ? char.ToUpperInvariant(original[i]) : original[i];
        }
    });

    [GeneratedRegex("[%_!]")]
    private static partial Regex Special();
}
