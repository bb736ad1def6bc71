using System.Runtime.CompilerServices;
using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <content>Talking to workflows and finding them.</content>
internal sealed partial class RootClientInterceptor
{
    public override async Task SignalWorkflowAsync(SignalWorkflowInput input)
    {
        var converter = ConverterFor(input.Id);
        await Service.SignalWorkflowExecutionAsync(
            new()
            {
                Namespace = Namespace,
                WorkflowExecution = Execution(input.Id, input.RunId),
                SignalName = input.Signal,
                Input = await PayloadsAsync(converter, input.Args).ConfigureAwait(false),
                Identity = Identity,
                RequestId = Guid.NewGuid().ToString(),
                Header = await HeaderAsync(converter, input.Headers).ConfigureAwait(false),
            },
            Retrying(input.Options?.Rpc)).ConfigureAwait(false);
    }

    public override async Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input)
    {
        var converter = ConverterFor(input.Id);
        QueryWorkflowResponse response;
        try
        {
            response = await Service.QueryWorkflowAsync(
                new()
                {
                    Namespace = Namespace,
                    Execution = Execution(input.Id, input.RunId),
                    Query = new()
                    {
                        QueryType = input.Query,
                        QueryArgs = await PayloadsAsync(converter, input.Args).ConfigureAwait(false),
                        Header = await HeaderAsync(converter, input.Headers).ConfigureAwait(false),
                    },
                    QueryRejectCondition = input.Options?.RejectCondition ?? client.Options.QueryRejectCondition ?? QueryRejectCondition.None,
                },
                Retrying(input.Options?.Rpc)).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.GrpcStatus.Value is { Details: [var detail] } && detail.Is(QueryFailedFailure.Descriptor))
        {
            throw new WorkflowQueryFailedException(e.Message);
        }

        if (response.QueryRejected is { } rejected)
        {
            throw new WorkflowQueryRejectedException(rejected.Status);
        }

        return response.QueryResult is { Payloads_.Count: > 0 } result
            ? await converter.ToSingleValueAsync<TResult>(result.Payloads_).ConfigureAwait(false)
            : throw new InvalidOperationException($"Query {input.Query} has no result");
    }

    public override async Task<WorkflowExecutionDescription> DescribeWorkflowAsync(DescribeWorkflowInput input)
    {
        var response = await Service.DescribeWorkflowExecutionAsync(
            new() { Namespace = Namespace, Execution = Execution(input.Id, input.RunId) },
            Retrying(input.Options?.Rpc)).ConfigureAwait(false);
        return new(response, ConverterFor(input.Id));
    }

    public override Task CancelWorkflowAsync(CancelWorkflowInput input) =>
        Service.RequestCancelWorkflowExecutionAsync(
            new()
            {
                Namespace = Namespace,
                WorkflowExecution = Execution(input.Id, input.RunId),
                FirstExecutionRunId = input.FirstExecutionRunId ?? string.Empty,
                Identity = Identity,
                RequestId = Guid.NewGuid().ToString(),
            },
            Retrying(input.Options?.Rpc));

    public override async Task TerminateWorkflowAsync(TerminateWorkflowInput input) =>
        await Service.TerminateWorkflowExecutionAsync(
            new()
            {
                Namespace = Namespace,
                WorkflowExecution = Execution(input.Id, input.RunId),
                FirstExecutionRunId = input.FirstExecutionRunId ?? string.Empty,
                Reason = input.Reason ?? string.Empty,
                Details = await PayloadsAsync(ConverterFor(input.Id), input.Options?.Details).ConfigureAwait(false),
                Identity = Identity,
            },
            Retrying(input.Options?.Rpc)).ConfigureAwait(false);

    public override async Task<WorkflowHistoryEventPage> FetchWorkflowHistoryEventPageAsync(FetchWorkflowHistoryEventPageInput input)
    {
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = Namespace,
            Execution = Execution(input.Id, input.RunId),
            MaximumPageSize = input.PageSize ?? 0,
            NextPageToken = input.NextPageToken is null ? ByteString.Empty : ByteString.CopyFrom(input.NextPageToken),
            WaitNewEvent = input.WaitNewEvent,
            HistoryEventFilterType = input.EventFilterType,
            SkipArchival = input.SkipArchival,
        };

        // An idle wait ends with an empty page that only says where to go on.
        while (true)
        {
            var response = await Service.GetWorkflowExecutionHistoryAsync(request, Retrying(input.Rpc)).ConfigureAwait(false);
            var events = response.History?.Events ?? [];
            if (events.Count > 0 || response.NextPageToken.IsEmpty)
            {
                return new(events, response.NextPageToken.IsEmpty ? null : response.NextPageToken.ToByteArray());
            }

            request.NextPageToken = response.NextPageToken;
        }
    }

    public override IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(ListWorkflowsInput input) => ListAsync(input);

    public override async Task<WorkflowListPage> ListWorkflowsPaginatedAsync(ListWorkflowsPaginatedInput input)
    {
        var response = await Service.ListWorkflowExecutionsAsync(
            new()
            {
                Namespace = Namespace,
                Query = input.Query,
                PageSize = input.Options?.PageSize ?? 0,
                NextPageToken = input.NextPageToken is null ? ByteString.Empty : ByteString.CopyFrom(input.NextPageToken),
            },
            Retrying(input.Options?.Rpc)).ConfigureAwait(false);
        return new(
            [.. response.Executions.Select(info => new WorkflowExecution(info, client.Options.DataConverter, Namespace))],
            response.NextPageToken.IsEmpty ? null : response.NextPageToken.ToByteArray());
    }

    public override async Task<WorkflowExecutionCount> CountWorkflowsAsync(CountWorkflowsInput input) =>
        new(await Service.CountWorkflowExecutionsAsync(
            new() { Namespace = Namespace, Query = input.Query }, Retrying(input.Options?.Rpc)).ConfigureAwait(false));

    private async IAsyncEnumerable<WorkflowExecution> ListAsync(
        ListWorkflowsInput input, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (rpc, source) = (input.Options?.Rpc ?? new()).WithAdditionalCancellationToken(cancellationToken);
        using var disposing = source;
        var left = input.Options is { Limit: > 0 and var limit } ? limit : int.MaxValue;
        byte[]? token = null;
        do
        {
            var page = await ListWorkflowsPaginatedAsync(new(input.Query, token, new() { Rpc = rpc })).ConfigureAwait(false);
            foreach (var execution in page.Workflows)
            {
                yield return execution;
                if (--left == 0)
                {
                    yield break;
                }
            }

            token = page.NextPageToken;
        }
        while (token is not null);
    }
}
