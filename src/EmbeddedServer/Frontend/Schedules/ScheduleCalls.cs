using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Listing;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Schedules;

/// <summary>Calls on schedules.</summary>
internal sealed class ScheduleCalls(FrontendServices services)
{
    private readonly ScheduleRules rules = new(services);

    public Task<CreateScheduleResponse> CreateAsync(CreateScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        CheckRequestId(request.RequestId);
        Require.Identity(request.Identity);
        request.Schedule = rules.Normalize(ns, request.Schedule);
        ScheduleRules.CheckId(request.ScheduleId);
        ScheduleRules.CheckPatch(request.InitialPatch ?? new());
        services.Payloads.CheckSize(request.Memo);
        request.Memo = PayloadRules.WithoutEmptyFields(request.Memo);
        request.SearchAttributes = rules.Kept(ns, request.SearchAttributes);
        return services.Schedules.CreateAsync(ns, request);
    }

    public Task<DescribeScheduleResponse> DescribeAsync(DescribeScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        ScheduleRules.CheckId(request.ScheduleId);
        return Task.FromResult(services.Schedules.Describe(ns, request.ScheduleId));
    }

    public async Task<UpdateScheduleResponse> UpdateAsync(UpdateScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        CheckRequestId(request.RequestId);
        Require.Identity(request.Identity);
        var schedule = rules.Normalize(ns, request.Schedule);
        ScheduleRules.CheckId(request.ScheduleId);
        services.Payloads.CheckSize(request.Memo);

        // None are no change; none of all that could be are a removal.
        var attributes = request.SearchAttributes is null ? null : rules.Kept(ns, request.SearchAttributes) ?? new SearchAttributes();
        var memo = request.Memo is null ? null : PayloadRules.WithoutEmptyFields(request.Memo) ?? new Memo();
        await services.Schedules.UpdateAsync(ns, request.ScheduleId, schedule, request.ConflictToken, attributes, memo).ConfigureAwait(false);
        return new UpdateScheduleResponse();
    }

    public async Task<PatchScheduleResponse> PatchAsync(PatchScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        CheckRequestId(request.RequestId);
        Require.Identity(request.Identity);
        ScheduleRules.CheckId(request.ScheduleId);
        var patch = request.Patch ?? new();
        ScheduleRules.CheckPatch(patch);
        await services.Schedules.PatchAsync(ns, request.ScheduleId, patch).ConfigureAwait(false);
        return new PatchScheduleResponse();
    }

    public Task<ListScheduleMatchingTimesResponse> MatchingTimesAsync(ListScheduleMatchingTimesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        ScheduleRules.CheckId(request.ScheduleId);
        if (request.StartTime is null || request.EndTime is null)
        {
            throw Refusals.InvalidArgument("StartTime and EndTime must be set on request.");
        }

        var times = services.Schedules.MatchingTimes(ns, request.ScheduleId, request.StartTime.ToDateTimeOffset(), request.EndTime.ToDateTimeOffset());
        return Task.FromResult(new ListScheduleMatchingTimesResponse { StartTime = { times.Select(Timestamp.FromDateTimeOffset) } });
    }

    public async Task<DeleteScheduleResponse> DeleteAsync(DeleteScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Require.Identity(request.Identity);
        ScheduleRules.CheckId(request.ScheduleId);
        await services.Schedules.DeleteAsync(ns, request.ScheduleId).ConfigureAwait(false);
        return new DeleteScheduleResponse();
    }

    public Task<ListSchedulesResponse> ListAsync(ListSchedulesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var page = services.Visibility.List(
            ns.Id, ns.Name, QueryOf(request.Query), PageSizes.Clamp(request.MaximumPageSize), request.NextPageToken);
        var entries = page.Executions.Select(info => services.Schedules.FindEntry(ns, ScheduleNames.ScheduleIdOf(info.Execution.WorkflowId)));
        return Task.FromResult(new ListSchedulesResponse { Schedules = { entries.OfType<Temporalio.Api.Schedule.V1.ScheduleListEntry>() }, NextPageToken = page.NextPageToken });
    }

    public Task<CountSchedulesResponse> CountAsync(CountSchedulesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var counted = services.Visibility.Count(ns.Id, ns.Name, QueryOf(request.Query));
        return Task.FromResult(new CountSchedulesResponse { Count = counted.Count });
    }

    private static void CheckRequestId(string requestId)
    {
        if (requestId.Length == 0)
        {
            throw Refusals.InvalidArgument("RequestId is not set on request.");
        }

        Require.RequestId(requestId);
    }

    private static string QueryOf(string query) =>
        string.IsNullOrWhiteSpace(query) ? ScheduleNames.DivisionQuery : $"({query}) AND {ScheduleNames.DivisionQuery}";
}
