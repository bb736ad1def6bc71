using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Frontend.Listing;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Visibility.Query;
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
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Check(request);
        if (Require.IsTooLong(request.JobId))
        {
            // A batch is a workflow there.
            throw Refusals.InvalidArgument("WorkflowId exceeds length limit.");
        }

        await services.Batches.StartAsync(ns, request).ConfigureAwait(false);
        return new StartBatchOperationResponse();
    }

    public async Task<StopBatchOperationResponse> StopAsync(StopBatchOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        CheckJobId(request.JobId);
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
    }

    /// <summary>In the reference's order: the first fault is the one told.</summary>
    private void Check(StartBatchOperationRequest request)
    {
        var kind = BatchKinds.Find(request);
        if (kind is null && request.OperationCase != StartBatchOperationRequest.OperationOneofCase.None)
        {
            throw Refusals.InvalidArgument($"The operation type {GoTypeOf(request)} is not supported for this namespace");
        }

#pragma warning disable CS0612 // Clients name them so.
        int[] ways = [request.VisibilityQuery.Length, request.Executions.Count, request.TargetExecutions.Count];
#pragma warning restore CS0612
        if (kind is null || request.Reason.Length == 0 || ways.All(way => way == 0))
        {
            throw Refusals.InvalidArgument(RequiredMissing);
        }

        CheckJobId(request.JobId);
        if (ways.Count(way => way > 0) > 1)
        {
            throw Refusals.InvalidArgument("visibility query, executions, and target executions are mutually exclusive");
        }

        CheckTargets(request);
        BatchRules.Check(request, services.Payloads);
        CheckQuery(request.VisibilityQuery);
    }

    private static void CheckTargets(StartBatchOperationRequest request)
    {
        for (var index = 0; index < request.TargetExecutions.Count; index++)
        {
            if (request.TargetExecutions[index].Type is not ExecutionType.Workflow and var type)
            {
                throw Refusals.InvalidArgument(
                    $"target_executions[{index}] has type {type}, but operation {GoTypeOf(request)} requires {ExecutionType.Workflow}");
            }
        }
    }

    /// <summary>How the reference's messages call the kind of a request.</summary>
    private static string GoTypeOf(StartBatchOperationRequest request) => $"*workflowservice.StartBatchOperationRequest_{request.OperationCase}";

    /// <summary>Only whether it can be parsed: what it asks for that isn't there fails the operation.</summary>
    private static void CheckQuery(string query)
    {
        try
        {
            QueryParser.Parse(query);
        }
        catch (QueryException broken) when (SyntaxError().IsMatch(broken.Message))
        {
            throw Refusals.InvalidArgument($"invalid visibility query: {Told(broken.Message)}");
        }
        catch (QueryException)
        {
            // It parses, and makes no sense.
        }
    }

    /// <summary>The reference counts positions here in a statement that is shorter by one than the one of lists.</summary>
    private static string Told(string message) => SyntaxError().Match(message) is { Success: true } match
        ? $"syntax error at position {int.Parse(match.Groups["position"].ValueSpan, CultureInfo.InvariantCulture) - 1}{match.Groups["near"].Value}"
        : message;

    [GeneratedRegex("syntax error at position (?<position>[0-9]{1,9})(?<near>.*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SyntaxError();
}
