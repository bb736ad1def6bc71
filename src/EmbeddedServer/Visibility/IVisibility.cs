using Google.Protobuf;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>A page of a list.</summary>
/// <param name="NextPageToken">Empty after the last page.</param>
public sealed record VisibilityPage(IReadOnlyList<WorkflowExecutionInfo> Executions, ByteString NextPageToken);

/// <summary>
/// Finds runs by what is known about them. Synchronous with the store: a run is found as soon as the commit that changed it has
/// completed. Calls may be made from any thread.
/// </summary>
public interface IVisibility
{
    /// <summary>Open runs first, then by close time, then by start time, latest first; ties by run id.</summary>
    /// <param name="namespaceName">Only for messages.</param>
    /// <param name="query">A list filter; empty for all runs.</param>
    /// <param name="pageSize">0 (or more than <see cref="VisibilityLimits.MaximumPageSize"/>) means the maximum.</param>
    /// <param name="pageToken">Empty for the first page, else from the page before with the same query.</param>
    /// <exception cref="RefusalException">
    /// INVALID_ARGUMENT, with what is wrong with the query or the token; DEADLINE_EXCEEDED: too many runs had to be looked at.
    /// </exception>
    VisibilityPage List(string namespaceId, string namespaceName, string query, int pageSize, ByteString pageToken);

    /// <summary>Counts the runs that a query finds; with <c>GROUP BY ExecutionStatus</c> also by status.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT, with what is wrong with the query; DEADLINE_EXCEEDED: too many runs had to be looked at.</exception>
    CountWorkflowExecutionsResponse Count(string namespaceId, string namespaceName, string query);
}

/// <summary>The field's own bounds.</summary>
public static class VisibilityLimits
{
    public const int MaximumPageSize = 1000;

    public const int MaximumSearchAttributes = 100;

    public const int MaximumSearchAttributeValueBytes = 2048;

    public const int MaximumSearchAttributesBytes = 40 * 1024;

    public const int MaximumQueryCharacters = 64 * 1024;

    /// <summary>How long a list or a count may look at runs: as long as official SDKs wait for an answer.</summary>
    public static readonly TimeSpan MaximumScan = TimeSpan.FromSeconds(10);

    /// <summary>How deep parentheses and NOT may nest.</summary>
    public const int MaximumQueryDepth = 200;

    /// <summary>How many comparisons a query may have.</summary>
    public const int MaximumQueryConditions = 400;

    /// <summary>How many values a query may name.</summary>
    public const int MaximumQueryValues = 10_000;
}
