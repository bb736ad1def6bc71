using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Listing;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Schedules;

/// <summary>Calls on schedules.</summary>
internal sealed class ScheduleCalls(FrontendServices services)
{
    private readonly ScheduleRules rules = new(services);

    public Task<CreateScheduleResponse> CreateAsync(CreateScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        ScheduleRules.CheckLength(request.ScheduleId);
        if (request.RequestId.Length == 0)
        {
            throw Refusals.InvalidArgument("RequestId is not set on request.");
        }

        Require.RequestId(request.RequestId);
        request.Schedule = ScheduleRules.Complete(request.Schedule);
        rules.CheckAction(ns, request.Schedule.Action?.StartWorkflow);
        services.Payloads.CheckSize(request.Schedule.Action?.StartWorkflow?.Input);
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
        Require.RequestId(request.RequestId);
        rules.CheckAction(ns, request.Schedule?.Action?.StartWorkflow);
        var schedule = ScheduleRules.Complete(request.Schedule);

        // None are no change; none of all that could be are a removal.
        var attributes = request.SearchAttributes is null ? null : rules.Kept(ns, request.SearchAttributes) ?? new SearchAttributes();
        if (schedule.Action?.StartWorkflow is not { } action)
        {
            throw Refusals.InvalidArgument("Only StartWorkflow action is supported for schedules");
        }

        services.Payloads.CheckSize(action.Input);
        if (request.Memo is not null)
        {
            throw Refusals.FailedPrecondition("memo updates are not supported on workflow-backed schedules");
        }

        ScheduleRules.CheckId(request.ScheduleId);
        await services.Schedules.UpdateAsync(ns, request.ScheduleId, schedule, request.ConflictToken, attributes).ConfigureAwait(false);
        return new UpdateScheduleResponse();
    }

    public async Task<PatchScheduleResponse> PatchAsync(PatchScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (request.Patch is not { } patch)
        {
            throw Refusals.InvalidArgument("Patch is not set on request.");
        }

        Require.RequestId(request.RequestId);
        ScheduleRules.CheckNotes(patch);
        ScheduleRules.CheckPatch(patch);
        ScheduleRules.CheckId(request.ScheduleId);
        await services.Schedules.PatchAsync(ns, request.ScheduleId, patch).ConfigureAwait(false);
        return new PatchScheduleResponse();
    }

    public Task<ListScheduleMatchingTimesResponse> MatchingTimesAsync(ListScheduleMatchingTimesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        ScheduleRules.CheckId(request.ScheduleId);
        if (request.StartTime is null || request.EndTime is null)
        {
            services.Schedules.Describe(ns, request.ScheduleId);
            throw MissingQuery();
        }

        var times = services.Schedules.MatchingTimes(ns, request.ScheduleId, TimeOf(request.StartTime), TimeOf(request.EndTime));
        return Task.FromResult(new ListScheduleMatchingTimesResponse { StartTime = { times.Select(Timestamp.FromDateTimeOffset) } });
    }

    /// <summary>As the schedule's worker says it, which in the reference is asked for them.</summary>
    private static RefusalException MissingQuery() => new(RefusalKind.InvalidArgument, "missing or invalid query", new QueryFailedFailure
    {
        Failure = new Failure { Message = "missing or invalid query", Source = "GoSDK", ApplicationFailureInfo = new ApplicationFailureInfo() },
    });

    /// <summary>What is earlier than all times is the first of them, what is later the last.</summary>
    private static DateTimeOffset TimeOf(Timestamp time) => time.ToInstant() ?? (time.Seconds < 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue);

    public async Task<DeleteScheduleResponse> DeleteAsync(DeleteScheduleRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        ScheduleRules.CheckId(request.ScheduleId);
        await services.Schedules.DeleteAsync(ns, request.ScheduleId).ConfigureAwait(false);
        return new DeleteScheduleResponse();
    }

    public Task<ListSchedulesResponse> ListAsync(ListSchedulesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var page = services.Visibility.List(
            ns.Id, ns.Name, ScheduleQueries.Of(request.Query), PageSizes.Clamp(request.MaximumPageSize), request.NextPageToken);
        var entries = page.Executions.Select(info => services.Schedules.FindEntry(ns, ScheduleNames.ScheduleIdOf(info.Execution.WorkflowId)));
        return Task.FromResult(new ListSchedulesResponse { Schedules = { entries.OfType<Temporalio.Api.Schedule.V1.ScheduleListEntry>() }, NextPageToken = page.NextPageToken });
    }

    public Task<CountSchedulesResponse> CountAsync(CountSchedulesRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        var counted = services.Visibility.Count(ns.Id, ns.Name, ScheduleQueries.Of(request.Query));
        return Task.FromResult(new CountSchedulesResponse { Count = counted.Count });
    }
}
