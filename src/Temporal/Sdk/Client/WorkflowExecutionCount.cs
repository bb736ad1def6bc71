using System.Text.Json;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>How many workflows a query found.</summary>
public class WorkflowExecutionCount
{
    // Group values are what search attributes are: plain JSON, whatever the client's own converter.
    private static readonly JsonSerializerOptions CommonTypes = new() { Converters = { JsonCommonTypeConverter.Instance } };

    /// <summary>Wraps what the server sent.</summary>
    /// <param name="raw">What the server sent.</param>
    protected internal WorkflowExecutionCount(CountWorkflowExecutionsResponse raw)
    {
        Count = raw.Count;
        Groups = [.. raw.Groups.Select(group => new AggregationGroup(group))];
    }

    /// <summary>How many, approximately; of all groups together if there are groups.</summary>
    public long Count { get; private init; }

    /// <summary>Counts by group, if the query groups.</summary>
    public IReadOnlyCollection<AggregationGroup> Groups { get; private init; }

    /// <summary>How many workflows share the values that a query groups by.</summary>
    public class AggregationGroup
    {
        /// <summary>Wraps what the server sent.</summary>
        /// <param name="raw">What the server sent.</param>
        protected internal AggregationGroup(CountWorkflowExecutionsResponse.Types.AggregationGroup raw)
        {
            Count = raw.Count;
            GroupValues = [.. raw.GroupValues.Select(value => JsonSerializer.Deserialize<object?>(value.Data.Span, CommonTypes)!)];
        }

        /// <summary>How many, approximately.</summary>
        public long Count { get; private init; }

        /// <summary>The values.</summary>
        public IReadOnlyCollection<object> GroupValues { get; private init; }
    }
}
