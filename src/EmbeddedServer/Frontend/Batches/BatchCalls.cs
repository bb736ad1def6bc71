using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Frontend.Listing;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Batches;

/// <summary>Calls on batch operations.</summary>
internal sealed partial class BatchCalls(FrontendServices services)
{
    private const string RequiredMissing =
        "must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR Executions OR TargetExecutions)";

    public async Task<StartBatchOperationResponse> StartAsync(StartBatchOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        CheckJobId(request.JobId);
        Check(ns, request);
        await services.Batches.StartAsync(ns, request).ConfigureAwait(false);
        return new StartBatchOperationResponse();
    }

    public async Task<StopBatchOperationResponse> StopAsync(StopBatchOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        CheckJobId(request.JobId);
        Require.Identity(request.Identity);
        if (request.Reason.Length == 0)
        {
            throw Refusals.InvalidArgument("Reason is not set on request.");
        }

        await services.Batches.StopAsync(ns, request.JobId).ConfigureAwait(false);
        return new StopBatchOperationResponse();
    }

    public Task<DescribeBatchOperationResponse> DescribeAsync(DescribeBatchOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        CheckJobId(request.JobId);
        return Task.FromResult(services.Batches.Describe(ns, request.JobId));
    }

    public Task<ListBatchOperationsResponse> ListAsync(ListBatchOperationsRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var size = PageSizes.Clamp(request.PageSize);
        var page = services.Batches.List(ns, Before(request.NextPageToken), size);
        var response = new ListBatchOperationsResponse { OperationInfo = { page.Select(one => one.Batch.Info()) } };
        if (page.Count == size)
        {
            var token = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(token, page[^1].Number);
            response.NextPageToken = ByteString.CopyFrom(token);
        }

        return Task.FromResult(response);
    }

    private static long Before(ByteString token) => token.Length switch
    {
        0 => long.MaxValue,
        sizeof(long) => BinaryPrimitives.ReadInt64BigEndian(token.Span),
        _ => throw Refusals.InvalidArgument("Invalid NextPageToken."),
    };

    private static void CheckJobId(string jobId)
    {
        if (jobId.Length == 0)
        {
            throw Refusals.InvalidArgument("JobId is not set on request.");
        }

        if (Require.IsTooLong(jobId))
        {
            throw Refusals.InvalidArgument("JobId length exceeds limit.");
        }
    }

    private void Check(NamespaceRef ns, StartBatchOperationRequest request)
    {
        var named = BatchTargets.Named(request);
        if (request.Reason.Length == 0 || request.OperationCase == StartBatchOperationRequest.OperationOneofCase.None
            || (request.VisibilityQuery.Length == 0 && named.Count == 0))
        {
            throw Refusals.InvalidArgument(RequiredMissing);
        }

#pragma warning disable CS0612 // Clients name them so.
        int[] ways = [request.VisibilityQuery.Length, request.Executions.Count, request.TargetExecutions.Count];
#pragma warning restore CS0612
        if (ways.Count(way => way > 0) > 1)
        {
            throw Refusals.InvalidArgument("visibility query, executions, and target executions are mutually exclusive");
        }

        if (BatchKinds.Find(request) is null)
        {
            throw Refusals.Unimplemented($"batch operations of the kind {request.OperationCase} are not supported");
        }

        BatchRules.Check(request, services.Payloads);
        CheckNamed(request, named);
        CheckQuery(ns, request.VisibilityQuery);
    }

    private static void CheckNamed(StartBatchOperationRequest request, IReadOnlyList<(string WorkflowId, string RunId)> named)
    {
        if (named.Count > BatchLimits.Executions)
        {
            throw Refusals.InvalidArgument($"count of executions exceeds limit {BatchLimits.Executions}");
        }

        if (request.TargetExecutions.Any(target => target.Type is not (ExecutionType.Workflow or ExecutionType.Unspecified)))
        {
            throw Refusals.Unimplemented("batch operations on executions other than workflows are not supported");
        }

        foreach (var (workflowId, runId) in named)
        {
            Require.WorkflowId(workflowId);
            Require.RunId(runId);
        }
    }

    private void CheckQuery(NamespaceRef ns, string query)
    {
        try
        {
            if (query.Length > 0)
            {
                services.Visibility.List(ns.Id, ns.Name, query, pageSize: 1, ByteString.Empty);
            }
        }
        catch (RefusalException refused) when (refused.Kind == RefusalKind.InvalidArgument)
        {
            throw Refusals.InvalidArgument($"invalid visibility query: {Told(refused.Message)}");
        }
    }

    /// <summary>The reference counts positions here in a statement that is shorter by one than the one of lists, and says less around them.</summary>
    private static string Told(string message) => SyntaxError().Match(message) is { Success: true } match
        ? $"syntax error at position {int.Parse(match.Groups["position"].ValueSpan, CultureInfo.InvariantCulture) - 1}"
        : message;

    [GeneratedRegex("syntax error at position (?<position>[0-9]{1,9})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SyntaxError();
}
