using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>What a query asks, as SQL over the row <c>v</c> of the table <c>visibility</c>.</summary>
/// <param name="Condition">Empty for all runs.</param>
/// <param name="Ways">SQL that selects the numbers of all runs that it may be true of, and perhaps others; any one of them is enough.</param>
/// <param name="NamesDivision">It asks for a namespace division, so that rows of other divisions are not hidden.</param>
/// <param name="GroupBy">The attribute to count by; null for none. Only counts do.</param>
/// <param name="Closed">The span of close times that it asks for, if it does.</param>
/// <param name="FindsClosedOnly">By their status, nothing but closed runs are found.</param>
/// <param name="Statuses">What the status has to be, when that is all it asks.</param>
internal sealed record TranslatedQuery(
    QuerySql Condition, IReadOnlyList<QuerySql> Ways, bool NamesDivision, SystemColumn? GroupBy, CloseSpan Closed, bool FindsClosedOnly, IReadOnlyList<object>? Statuses)
{
    /// <summary>Nothing but their status says what runs it finds.</summary>
    public bool IsByStatus => Condition.Text.Length == 0 || Statuses is not null;
}

/// <summary>
/// Checks a parsed query against the attributes of a namespace and turns it into a condition. NOT is pushed down to the comparisons,
/// so that each one can be answered from an index, and an attribute that a run doesn't have matches neither it nor its opposite.
/// </summary>
internal sealed class QueryTranslator
{
    private const string TemporalPrefix = "Temporal";
    private const string ScheduleId = "ScheduleId";

    private readonly string _namespaceId;
    private readonly ISearchAttributeTypes _types;
    private readonly long _namespaceNumber;
    private readonly AttributeConditions _attributes;
    private readonly QuerySql _sql = new();
    private int _conditions;
    private int _values;
    private bool _namesDivision;
    private bool _findsClosedOnly;
    private CloseSpan _closed = CloseSpan.Any;

    private QueryTranslator(string namespaceId, long namespaceNumber, ISearchAttributeTypes types, AttributeConditions attributes)
    {
        _namespaceId = namespaceId;
        _namespaceNumber = namespaceNumber;
        _types = types;
        _attributes = attributes;
    }

    /// <param name="findNumber">The number of an attribute in the tables; null when no run has it.</param>
    /// <exception cref="QueryException">An unknown name, a value or an operator that doesn't fit.</exception>
    public static TranslatedQuery Translate(
        ParsedQuery query, string namespaceId, long namespaceNumber, ISearchAttributeTypes types, Func<string, long?> findNumber)
    {
        if (query.HasLimit)
        {
            throw QueryException.Unsupported("'LIMIT' clause");
        }

        var translator = new QueryTranslator(namespaceId, namespaceNumber, types, new AttributeConditions(findNumber, namespaceNumber));
        var candidates = query.Condition is null ? Candidates.Unknown : translator.Write(query.Condition, negated: false, isWhole: true);
        var groupBy = translator.ReadClauses(query);
        return new TranslatedQuery(
            translator._sql,
            candidates.Ways,
            translator._namesDivision,
            groupBy,
            translator._closed,
            translator._findsClosedOnly,
            candidates.Statuses);
    }

    /// <summary>What a count is grouped by; null for nothing.</summary>
    private SystemColumn? ReadClauses(ParsedQuery query)
    {
        if (query.GroupBy.Count > 1)
        {
            throw QueryException.Unsupported("'GROUP BY' clause supports only a single field");
        }

        SystemColumn? groupBy = null;
        if (query.GroupBy is [var field])
        {
            var named = Resolve(field);
            groupBy = named.Name is SystemColumns.Status or SystemSearchAttributes.NamespaceDivision
                ? SystemColumns.Find(named.Name)
                : throw QueryException.Unsupported($"'GROUP BY' clause is not supported for search attribute {named.Written}");
            _namesDivision |= named.Name == SystemSearchAttributes.NamespaceDivision;
        }

        foreach (var sorted in query.OrderBy)
        {
            if (Resolve(sorted).Type == IndexedValueType.Text)
            {
                throw QueryException.Unsupported($"unable to sort by search attribute type {IndexedValueType.Text}");
            }
        }

        return query.OrderBy.Count == 0 ? groupBy : throw QueryException.Unsupported("'ORDER BY' clause");
    }

    /// <param name="isWhole">Nothing is found of which this isn't true.</param>
    private Candidates Write(QueryNode node, bool negated, bool isWhole) => node switch
    {
        ParenNode paren => Write(paren.Inner, negated, isWhole),
        NotNode not => Write(not.Operand, !negated, isWhole),
        AndNode and => WriteAll(and.Operands, isAnd: !negated, negated, isWhole),
        OrNode or => WriteAll(or.Operands, isAnd: negated, negated, isWhole),
        ComparisonNode comparison => WriteComparison(comparison, negated, isWhole),
        NameNode => throw QueryException.Invalid("incomplete expression"),
        FunctionNode => throw QueryException.Unsupported("function expression"),
        _ => throw QueryException.Unsupported($"expression of type {node.KindName}"),
    };

    private Candidates WriteAll(IReadOnlyList<QueryNode> operands, bool isAnd, bool negated, bool isWhole)
    {
        var candidates = new Candidates[operands.Count];
        _sql.Add("(");
        for (var i = 0; i < operands.Count; i++)
        {
            if (i > 0)
            {
                _sql.Add(isAnd ? " AND " : " OR ");
            }

            candidates[i] = Write(operands[i], negated, isWhole && isAnd);
        }

        _sql.Add(")");
        return isAnd ? Candidates.OfAll(candidates, _namespaceNumber) : Candidates.OfAny(candidates);
    }

    private Candidates WriteComparison(ComparisonNode node, bool negated, bool isWhole)
    {
        if (++_conditions > VisibilityLimits.MaximumQueryConditions
            || (_values += node.Right.Count) > VisibilityLimits.MaximumQueryValues)
        {
            throw QueryException.Unsupported(
                $"more than {VisibilityLimits.MaximumQueryConditions} conditions or {VisibilityLimits.MaximumQueryValues} values");
        }

        var (written, name, type) = Resolve(node.Left);
        var column = SystemColumns.Find(name);
        if (node.IsRange && !QueryOperator.HasRanges(type))
        {
            throw QueryException.Invalid($"cannot do range condition on search attribute '{written}' of type {type}");
        }

        if (node.IsIs && !node.Operator.EndsWith("NULL", StringComparison.Ordinal))
        {
            throw QueryException.Invalid("'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'");
        }

        var values = node.Right.Select(operand => Convert(written, type, column, operand)).ToArray();
        if (name != written && written is ScheduleId && !node.IsOrder)
        {
            values = Array.ConvertAll(values, value => value is string id ? ScheduleNames.WorkflowIdOf(id) : value);
        }

        var operation = QueryOperator.Find(node.Operator, type)
            ?? throw QueryException.Unsupported(
                $"operator '{node.Operator}' not supported for {type} type search attribute '{written}'");
        values = QueryValues.Fit(values, type, column, operation);
        if (negated)
        {
            operation = operation.Opposite;
        }

        if (column is not null)
        {
            _namesDivision |= name == SystemSearchAttributes.NamespaceDivision;
            if (isWhole && name == SystemColumns.CloseTime)
            {
                _closed = _closed.Within(operation, values);
            }
            else if (isWhole && name == SystemColumns.Status)
            {
                _findsClosedOnly |= CloseSpan.IsOfClosed(operation, values);
            }

            return _attributes.WriteColumn(_sql, column, operation, values);
        }

        return _attributes.WriteAttribute(_sql, name, type, operation, values);
    }

    private static object Convert(string name, IndexedValueType type, SystemColumn? column, QueryNode operand) =>
        (column?.Values, type) switch
        {
            (ColumnValues.Status, _) => QueryValues.Status(operand),
            (ColumnValues.Duration, _) => QueryValues.Duration(name, operand),
            (ColumnValues.Time, _) => QueryValues.Time(name, operand),
            (null, IndexedValueType.Datetime) => QueryValues.IndexedTime(name, operand),
            _ => QueryValues.Plain(name, type, operand),
        };

    /// <summary>A name as it is (or what a schedule's id is here), else with or without the prefix of the server's own attributes.</summary>
    private (string Written, string Name, IndexedValueType Type) Resolve(QueryNode node)
    {
        if (node is not NameNode { Name: var written })
        {
            throw QueryException.Invalid($"must be a column name but was {node.KindName}");
        }

        foreach (var candidate in Readings(written))
        {
            if (_types.Find(_namespaceId, candidate) is { } type)
            {
                return (written, candidate, type);
            }
        }

        throw QueryException.UnknownName(written);
    }

    private static IEnumerable<string> Readings(string name)
    {
        yield return name;
        if (name == ScheduleId)
        {
            yield return SystemColumns.WorkflowId;
        }

        yield return name.StartsWith(TemporalPrefix, StringComparison.Ordinal) ? name[TemporalPrefix.Length..] : TemporalPrefix + name;
    }
}
