using Onramp.EmbeddedServer.Schedules;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>What a query asks, as SQL over the row <c>v</c> of the table <c>visibility</c>.</summary>
/// <param name="NamesDivision">It asks for a namespace division, so that rows of other divisions are not hidden.</param>
/// <param name="GroupsByStatus">Only counts do.</param>
internal sealed record TranslatedQuery(string Sql, IReadOnlyList<object> Parameters, bool NamesDivision, bool GroupsByStatus);

/// <summary>
/// Checks a parsed query against the attributes of a namespace and turns it into a condition. NOT is pushed down to the comparisons,
/// so that each one can be answered from an index and an attribute that a run doesn't have matches neither it nor its opposite.
/// </summary>
internal sealed class QueryTranslator
{
    private const string TemporalPrefix = "Temporal";
    private const string ScheduleId = "ScheduleId";
    private const string StatusName = "ExecutionStatus";

    private readonly string _namespaceId;
    private readonly ISearchAttributeTypes _types;
    private readonly AttributeConditions _attributes;
    private readonly QuerySql _sql = new();
    private int _conditions;
    private int _values;
    private bool _namesDivision;

    private QueryTranslator(string namespaceId, ISearchAttributeTypes types, AttributeConditions attributes)
    {
        _namespaceId = namespaceId;
        _types = types;
        _attributes = attributes;
    }

    /// <param name="findNumber">The number of an attribute in the tables; null when no run has it.</param>
    /// <exception cref="QueryException">An unknown name, a value or an operator that doesn't fit.</exception>
    public static TranslatedQuery Translate(
        ParsedQuery query, string namespaceId, long namespaceNumber, ISearchAttributeTypes types, Func<string, long?> findNumber)
    {
        var translator = new QueryTranslator(namespaceId, types, new AttributeConditions(findNumber, namespaceNumber));
        if (query.Condition is not null)
        {
            translator.Write(query.Condition, negated: false);
        }

        translator.CheckClauses(query);
        return new TranslatedQuery(
            translator._sql.Text, translator._sql.Parameters, translator._namesDivision, query.GroupBy.Count > 0);
    }

    private void CheckClauses(ParsedQuery query)
    {
        foreach (var name in query.GroupBy)
        {
            if (Resolve(name).Name != StatusName || query.GroupBy.Count > 1)
            {
                throw QueryException.Unsupported($"'GROUP BY' clause is only supported for {StatusName}");
            }
        }

        foreach (var name in query.OrderBy)
        {
            var type = Resolve(name).Type;
            throw QueryException.Unsupported(
                type == IndexedValueType.Text ? $"unable to sort by search attribute type {type}" : "'ORDER BY' clause");
        }

        if (query.HasLimit)
        {
            throw QueryException.Unsupported("'LIMIT' clause");
        }
    }

    private void Write(QueryNode node, bool negated)
    {
        switch (node)
        {
            case NotNode not:
                Write(not.Operand, !negated);
                break;
            case AndNode and:
                WriteAll(and.Operands, negated ? " OR " : " AND ", negated);
                break;
            case OrNode or:
                WriteAll(or.Operands, negated ? " AND " : " OR ", negated);
                break;
            case ComparisonNode comparison:
                WriteComparison(comparison, negated);
                break;
            default:
                throw QueryException.Invalid("incomplete expression");
        }
    }

    private void WriteAll(IReadOnlyList<QueryNode> operands, string separator, bool negated)
    {
        _sql.Add("(");
        for (var i = 0; i < operands.Count; i++)
        {
            if (i > 0)
            {
                _sql.Add(separator);
            }

            Write(operands[i], negated);
        }

        _sql.Add(")");
    }

    private void WriteComparison(ComparisonNode node, bool negated)
    {
        if (++_conditions > VisibilityLimits.MaximumQueryConditions
            || (_values += node.Right.Count) > VisibilityLimits.MaximumQueryValues)
        {
            throw QueryException.Unsupported(
                $"more than {VisibilityLimits.MaximumQueryConditions} conditions or {VisibilityLimits.MaximumQueryValues} values");
        }

        if (node.Left is not NameOperand left)
        {
            throw QueryException.Invalid("left side of a comparison must be a search attribute");
        }

        var (name, type) = Resolve(left.Name);
        var column = SystemColumns.Find(name);
        var values = node.Right.Select(operand => Convert(left.Name, type, column, operand)).ToArray();
        if (name != left.Name && left.Name == ScheduleId)
        {
            values = Array.ConvertAll(values, value => value is string id ? ScheduleNames.WorkflowIdOf(id) : value);
        }

        var operation = QueryOperator.Find(node.Operator, type, column)
            ?? throw QueryException.Unsupported(
                $"operator '{node.Operator}' not supported for {type} type search attribute '{left.Name}'");
        if (negated)
        {
            operation = operation.Opposite;
        }

        if (column is not null)
        {
            _namesDivision |= name == SystemSearchAttributes.NamespaceDivision;
            _attributes.WriteColumn(_sql, column, operation, values);
        }
        else
        {
            _attributes.WriteAttribute(_sql, name, type, operation, values);
        }
    }

    private static object Convert(string name, IndexedValueType type, SystemColumn? column, QueryOperand operand) =>
        (column?.Values, type) switch
        {
            (ColumnValues.Status, _) => QueryValues.Status(operand),
            (ColumnValues.Duration, _) => QueryValues.Duration(name, operand),
            (ColumnValues.Time, _) => QueryValues.Time(name, operand),
            (null, IndexedValueType.Datetime) => QueryValues.IndexedTime(name, operand),
            _ => QueryValues.Plain(name, type, operand),
        };

    /// <summary>A name as it is (or what a schedule's id is here), else with or without the prefix of the server's own attributes.</summary>
    private (string Name, IndexedValueType Type) Resolve(string name)
    {
        foreach (var candidate in Candidates(name))
        {
            if (_types.Find(_namespaceId, candidate) is { } type)
            {
                return (candidate, type);
            }
        }

        throw QueryException.UnknownName(name);
    }

    private static IEnumerable<string> Candidates(string name)
    {
        yield return name;
        if (name == ScheduleId)
        {
            yield return SystemColumns.WorkflowId;
        }

        yield return name.StartsWith(TemporalPrefix, StringComparison.Ordinal) ? name[TemporalPrefix.Length..] : TemporalPrefix + name;
    }
}
