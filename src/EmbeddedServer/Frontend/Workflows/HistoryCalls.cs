using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using HistoryMessage = Temporalio.Api.History.V1.History;

namespace Onramp.EmbeddedServer.Frontend.Workflows;

/// <summary>Read histories: page by page, backwards, waiting for what is to come, or only how it ended.</summary>
internal sealed class HistoryCalls(FrontendServices services)
{
    public async Task<GetWorkflowExecutionHistoryResponse> GetAsync(GetWorkflowExecutionHistoryRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.Execution);
        var token = Token(request.Execution.RunId, request.NextPageToken);
        return request.HistoryEventFilterType == HistoryEventFilterType.CloseEvent
            ? await GetCloseEventAsync(ns, request, token, context).ConfigureAwait(false)
            : await GetEventsAsync(ns, request, token, context).ConfigureAwait(false);
    }

    public async Task<GetWorkflowExecutionHistoryReverseResponse> GetReverseAsync(GetWorkflowExecutionHistoryReverseRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Execution(request.Execution);
        var token = Token(request.Execution.RunId, request.NextPageToken);
        var slice = await services.History.Reads.ReadReverseAsync(
            ns, request.Execution.WorkflowId, token?.RunId ?? request.Execution.RunId, token?.NextEventId ?? 0, PageSize(request.MaximumPageSize)).ConfigureAwait(false);
        var response = new GetWorkflowExecutionHistoryReverseResponse { History = new HistoryMessage() };
        var next = AddPage(response.History, slice.Events, 1) ?? (slice.Events.Count > 0 ? slice.Events[^1].EventId - 1 : 0);
        if (next > 0)
        {
            response.NextPageToken = new HistoryPageToken(slice.Key.RunId, next).ToByteString();
        }

        return response;
    }

    private static HistoryPageToken? Token(string runId, Google.Protobuf.ByteString bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var token = HistoryPageToken.Parse(bytes);
        return runId.Length == 0 || string.Equals(runId, token.RunId, StringComparison.OrdinalIgnoreCase)
            ? token
            : throw Refusals.InvalidArgument("RunId in the request does not match the NextPageToken.");
    }

    private static int PageSize(int asked) => asked is > 0 and <= Limits.HistoryPageEvents ? asked : Limits.HistoryPageEvents;

    /// <summary>Adds as many events as a page may have bytes (one at least); returns the id of the first left out, if any.</summary>
    private static long? AddPage(HistoryMessage page, IReadOnlyList<HistoryEvent> events, int from)
    {
        var bytes = 0;
        foreach (var item in events)
        {
            bytes += item.CalculateSize();
            if (bytes > Limits.HistoryPageBytes && page.Events.Count >= from)
            {
                return item.EventId;
            }

            page.Events.Add(item);
        }

        return null;
    }

    private async Task<GetWorkflowExecutionHistoryResponse> GetEventsAsync(
        NamespaceRef ns, GetWorkflowExecutionHistoryRequest request, HistoryPageToken? token, CallContext context)
    {
        var workflowId = request.Execution.WorkflowId;
        var runId = token?.RunId ?? request.Execution.RunId;
        var from = Math.Max(1, token?.NextEventId ?? 1);
        var size = PageSize(request.MaximumPageSize);
        var slice = await services.History.Reads.ReadAsync(ns, workflowId, runId, from, size).ConfigureAwait(false);
        if (request.WaitNewEvent && slice.Events.Count == 0 && slice.IsOpen && token?.ThroughEventId is null or 0)
        {
            await WaitAsync(slice, context).ConfigureAwait(false);
            slice = await services.History.Reads.ReadAsync(ns, workflowId, slice.Key.RunId, from, size).ConfigureAwait(false);
        }

        // What the first page's caller saw as the end stays the end, however many events are added while he reads.
        var through = token?.ThroughEventId is > 0 and var fixedEnd ? fixedEnd
            : request.WaitNewEvent ? 0 : slice.NextEventId - 1;
        var response = new GetWorkflowExecutionHistoryResponse { History = new HistoryMessage() };
        var events = through > 0 ? slice.Events.TakeWhile(e => e.EventId <= through).ToList() : slice.Events;
        var next = AddPage(response.History, events, 1) ?? (events.Count > 0 ? events[^1].EventId + 1 : from);
        var end = through > 0 ? through : slice.NextEventId - 1;
        var unwritten = token?.TransientEvents ?? (request.WaitNewEvent || ClientVersions.IsForPeople(context) ? [] : slice.Unwritten);
        if (next <= end || (request.WaitNewEvent && through == 0 && slice.IsOpen))
        {
            response.NextPageToken = new HistoryPageToken(slice.Key.RunId, next, through, unwritten).ToByteString();
        }
        else
        {
            response.History.Events.Add(unwritten);
        }

        return response;
    }

    /// <summary>Waits for the end even when not asked to, as the reference does.</summary>
    private async Task<GetWorkflowExecutionHistoryResponse> GetCloseEventAsync(
        NamespaceRef ns, GetWorkflowExecutionHistoryRequest request, HistoryPageToken? token, CallContext context)
    {
        var runId = token?.RunId ?? request.Execution.RunId;
        var slice = await ReadLastAsync(ns, request.Execution.WorkflowId, runId).ConfigureAwait(false);
        var hold = new LongPoll(context, Limits.HistoryPoll, services.WallClock);
        if (slice.IsOpen && hold.Remaining > TimeSpan.Zero)
        {
            await WaitAsync(slice.Key, long.MaxValue, hold, context).ConfigureAwait(false);
            slice = await ReadLastAsync(ns, request.Execution.WorkflowId, slice.Key.RunId).ConfigureAwait(false);
        }

        var response = new GetWorkflowExecutionHistoryResponse { History = new HistoryMessage() };
        if (!slice.IsOpen)
        {
            response.History.Events.Add(slice.Events);
        }
        else if (request.WaitNewEvent)
        {
            response.NextPageToken = new HistoryPageToken(slice.Key.RunId, slice.NextEventId).ToByteString();
        }

        return response;
    }

    private Task<HistorySlice> ReadLastAsync(NamespaceRef ns, string workflowId, string runId) =>
        services.History.Reads.ReadReverseAsync(ns, workflowId, runId, throughEventId: 0, maximumEvents: 1);

    private Task WaitAsync(HistorySlice slice, CallContext context) =>
        WaitAsync(slice.Key, slice.NextEventId, new LongPoll(context, Limits.HistoryPoll, services.WallClock), context);

    /// <summary>Waits for an event past the given one or the end of the run; for the greatest id, only for the end.</summary>
    private async Task WaitAsync(ExecutionKey key, long nextEventId, LongPoll hold, CallContext context)
    {
        var remaining = hold.Remaining;
        if (remaining <= TimeSpan.Zero || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        using var timeUp = new CancellationTokenSource(remaining, services.WallClock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, context.CancellationToken, services.Stopping);
        await services.History.Reads.WaitAsync(key, nextEventId, end.Token).ConfigureAwait(false);
        context.CancellationToken.ThrowIfCancellationRequested();
    }
}
