using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Filter.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Listing;

/// <summary>Lists of open and of closed workflows by fixed filters: each is a query.</summary>
internal sealed class OlderListCalls(FrontendServices services)
{
    public Task<ListOpenWorkflowExecutionsResponse> ListOpenAsync(ListOpenWorkflowExecutionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var query = new StringBuilder("ExecutionStatus = 'Running'");
        AddTimes(query, "StartTime", request.StartTimeFilter);
        switch (request.FiltersCase)
        {
            case ListOpenWorkflowExecutionsRequest.FiltersOneofCase.ExecutionFilter:
                AddExecution(query, request.ExecutionFilter);
                break;
            case ListOpenWorkflowExecutionsRequest.FiltersOneofCase.TypeFilter:
                AddEquals(query, "WorkflowType", request.TypeFilter.Name);
                break;
        }

        var page = List(ns, query, request.MaximumPageSize, request.NextPageToken);
        return Task.FromResult(new ListOpenWorkflowExecutionsResponse { Executions = { page.Executions }, NextPageToken = page.NextPageToken });
    }

    public Task<ListClosedWorkflowExecutionsResponse> ListClosedAsync(ListClosedWorkflowExecutionsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var query = new StringBuilder("ExecutionStatus != 'Running'");
        AddTimes(query, "CloseTime", request.StartTimeFilter);
        switch (request.FiltersCase)
        {
            case ListClosedWorkflowExecutionsRequest.FiltersOneofCase.ExecutionFilter:
                AddExecution(query, request.ExecutionFilter);
                break;
            case ListClosedWorkflowExecutionsRequest.FiltersOneofCase.TypeFilter:
                AddEquals(query, "WorkflowType", request.TypeFilter.Name);
                break;
            case ListClosedWorkflowExecutionsRequest.FiltersOneofCase.StatusFilter:
                AddStatus(query, request.StatusFilter.Status);
                break;
        }

        var page = List(ns, query, request.MaximumPageSize, request.NextPageToken);
        return Task.FromResult(new ListClosedWorkflowExecutionsResponse { Executions = { page.Executions }, NextPageToken = page.NextPageToken });
    }

    private static void AddExecution(StringBuilder query, WorkflowExecutionFilter filter)
    {
        AddEquals(query, "WorkflowId", filter.WorkflowId);
    }

    private static void AddEquals(StringBuilder query, string name, string value)
    {
        query.Append(CultureInfo.InvariantCulture, $" AND {name} = {VisibilityQueries.Quote(value)}");
    }

    private static void AddStatus(StringBuilder query, WorkflowExecutionStatus status)
    {
        if (status is WorkflowExecutionStatus.Unspecified or WorkflowExecutionStatus.Running)
        {
            throw Refusals.InvalidArgument("StatusFilter must be specified and must be not Running.");
        }

        query.Append(CultureInfo.InvariantCulture, $" AND ExecutionStatus = '{status}'");
    }

    private static void AddTimes(StringBuilder query, string name, StartTimeFilter? filter)
    {
        if (filter is { EarliestTime: { } from, LatestTime: { } to } && (from.Seconds, from.Nanos).CompareTo((to.Seconds, to.Nanos)) > 0)
        {
            throw Refusals.InvalidArgument("EarliestTime in StartTimeFilter should not be larger than LatestTime.");
        }

        AddTime(query, name, ">=", filter?.EarliestTime);
        AddTime(query, name, "<=", filter?.LatestTime);
    }

    private static void AddTime(StringBuilder query, string name, string comparison, Timestamp? time)
    {
        if (time is not null)
        {
            query.Append(CultureInfo.InvariantCulture, $" AND {name} {comparison} {Quote(time)}");
        }
    }

    /// <exception cref="RefusalException">INVALID_ARGUMENT: it is later than the language can say, and so told in its words.</exception>
    private static string Quote(Timestamp time) => time.ToInstant() is { } instant
        ? VisibilityQueries.Quote(instant)
        : throw Refusals.InvalidArgument("invalid query: invalid expression: unable to parse datetime");

    private VisibilityPage List(NamespaceRef ns, StringBuilder query, int pageSize, Google.Protobuf.ByteString token) =>
        services.Visibility.List(ns.Id, ns.Name, query.ToString(), PageSizes.Clamp(pageSize), token);
}
