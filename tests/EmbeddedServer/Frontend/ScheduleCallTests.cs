using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.Tests.Schedules;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>Calls on schedules: what is refused, and how they are found.</summary>
public sealed class ScheduleCallTests : IAsyncLifetime
{
    private ServerFixture server = null!;

    public async Task InitializeAsync() => server = await ServerFixture.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("", 3)]
    [InlineData("TemporalSchedulePaused = true", 1)]
    [InlineData("ScheduleId = 'first'", 1)]
    [InlineData("ScheduleId STARTS_WITH 'f' OR TemporalSchedulePaused = true", 2)]
    [InlineData("ScheduleId != 'first'", 2)]
    public async Task Schedules_are_listed_and_counted_by_query(string query, int found)
    {
        await CreateAllAsync();

        var listed = await server.CallAsync<ListSchedulesResponse>(new ListSchedulesRequest { Namespace = ServerFixture.Namespace, Query = query });
        var counted = await server.CallAsync<CountSchedulesResponse>(new CountSchedulesRequest { Namespace = ServerFixture.Namespace, Query = query });

        listed.Schedules.Count.ShouldBe(found);
        counted.Count.ShouldBe(found);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await CreateAllAsync();
        var request = new ListSchedulesRequest { Namespace = ServerFixture.Namespace, MaximumPageSize = 2 };

        var first = await server.CallAsync<ListSchedulesResponse>(request);
        request.NextPageToken = first.NextPageToken;
        var second = await server.CallAsync<ListSchedulesResponse>(request);

        first.Schedules.Concat(second.Schedules).Select(entry => entry.ScheduleId).ShouldBe(["first", "second", "third"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("TemporalNamespaceDivision = 'TemporalScheduler'", 3)]
    [InlineData("TemporalNamespaceDivision = 'TemporalScheduler' AND ExecutionStatus = 'Running'", 3)]
    [InlineData("WorkflowId = 'temporal-sys-scheduler:first'", 0)]
    [InlineData("", 0)]
    public async Task Among_workflows_they_are_counted_only_where_their_division_is_named(string query, int count)
    {
        await CreateAllAsync();

        var counted = await server.CallAsync<CountWorkflowExecutionsResponse>(new CountWorkflowExecutionsRequest { Namespace = ServerFixture.Namespace, Query = query });

        counted.Count.ShouldBe(count);
    }

    [Fact]
    public async Task A_deleted_one_is_no_longer_listed()
    {
        await CreateAllAsync();

        await server.CallAsync<DeleteScheduleResponse>(new DeleteScheduleRequest { Namespace = ServerFixture.Namespace, ScheduleId = "first" });

        var counted = await server.CallAsync<CountSchedulesResponse>(new CountSchedulesRequest { Namespace = ServerFixture.Namespace });
        counted.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_query_that_makes_no_sense_is_refused()
    {
        var refusal = await server.RefusalAsync(new ListSchedulesRequest { Namespace = ServerFixture.Namespace, Query = "NoSuchName = 1" });

        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
    }

    [Theory]
    [InlineData("WorkflowId = 'first'", "invalid query filter for schedules: cannot filter on \"WorkflowId\"")]
    [InlineData("ScheduleId = 'first' AND NOT (ExecutionStatus = 'Running')", "invalid query filter for schedules: cannot filter on \"ExecutionStatus\"")]
    [InlineData("TemporalNamespaceDivision IS NULL", "invalid query filter for schedules: cannot filter on \"TemporalNamespaceDivision\"")]
    [InlineData("bad query", "invalid query: malformed SQL query: syntax error at position 37 near 'query'")]
    [InlineData(
        "GROUP BY TemporalSchedulePaused",
        "invalid query: operation is not supported: 'GROUP BY' clause is not supported for search attribute TemporalSchedulePaused")]
    public async Task What_only_workflows_have_is_not_asked_of_schedules(string query, string message)
    {
        var refusal = await server.RefusalAsync(new ListSchedulesRequest { Namespace = ServerFixture.Namespace, Query = query });

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    /// <summary>They are compared as workflows: by ids that begin with what the server puts before them.</summary>
    [Theory]
    [InlineData("ScheduleId > 's'", 3)]
    [InlineData("ScheduleId BETWEEN 'a' AND 's'", 0)]
    public async Task Ids_of_schedules_come_after_each_other_as_ids_of_workflows(string query, int found)
    {
        await CreateAllAsync();

        var counted = await server.CallAsync<CountSchedulesResponse>(new CountSchedulesRequest { Namespace = ServerFixture.Namespace, Query = query });

        counted.Count.ShouldBe(found);
    }

    [Fact]
    public async Task A_schedule_that_keeps_its_workflow_id_is_taken_and_does_as_others_do()
    {
        await CreateAsync("first", paused: true, schedule => schedule.Policies = new SchedulePolicies { KeepOriginalWorkflowId = true });

        (await DescribeAsync("first")).Schedule.Policies.KeepOriginalWorkflowId.ShouldBeTrue();
    }

    public static TheoryData<IMessage> ChangesOfDeletedOnes => new()
    {
        new DeleteScheduleRequest(),
        new PatchScheduleRequest { Patch = new SchedulePatch { Pause = "too late" } },
        new UpdateScheduleRequest { Schedule = ScheduleBook.Hourly() },
    };

    [Theory]
    [MemberData(nameof(ChangesOfDeletedOnes))]
    public async Task One_that_was_deleted_has_completed_for_who_would_change_it(IMessage change)
    {
        await CreateAsync("first", paused: false);
        await server.CallAsync<DeleteScheduleResponse>(new DeleteScheduleRequest { Namespace = ServerFixture.Namespace, ScheduleId = "first" });
        change.Descriptor.FindFieldByName("namespace").Accessor.SetValue(change, ServerFixture.Namespace);
        change.Descriptor.FindFieldByName("schedule_id").Accessor.SetValue(change, "first");

        var refusal = await server.RefusalAsync(change);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.NotFound, "workflow execution already completed"));
    }

    [Fact]
    public async Task One_that_was_deleted_still_tells_its_times()
    {
        await CreateAsync("first", paused: false);
        await server.CallAsync<DeleteScheduleResponse>(new DeleteScheduleRequest { Namespace = ServerFixture.Namespace, ScheduleId = "first" });

        var times = await server.CallAsync<ListScheduleMatchingTimesResponse>(new ListScheduleMatchingTimesRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = "first",
            StartTime = new() { Seconds = 0 },
            EndTime = new() { Seconds = 3_600 },
        });

        times.StartTime.Select(time => time.Seconds).ShouldBe([3_600]);
    }

    [Fact]
    public async Task Matching_times_of_no_period_are_refused_as_the_schedules_worker_refuses_them()
    {
        await CreateAsync("first", paused: false);

        var refusal = await server.RefusalAsync(new ListScheduleMatchingTimesRequest { Namespace = ServerFixture.Namespace, ScheduleId = "first" });

        refusal.Detail.ShouldBeOfType<QueryFailedFailure>().Failure.Message.ShouldBe("missing or invalid query");
    }

    [Fact]
    public async Task Times_that_are_none_are_taken_and_hold_nothing()
    {
        await CreateAsync("first", paused: false, schedule => schedule.Spec.StartTime = new() { Seconds = 5, Nanos = -1 });

        await server.CallAsync<PatchScheduleResponse>(new PatchScheduleRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = "first",
            Patch = new SchedulePatch { BackfillRequest = { new BackfillRequest { StartTime = new() { Seconds = long.MaxValue }, EndTime = new() { Seconds = 1 } } } },
        });

        (await DescribeAsync("first")).Info.ActionCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_backfill_that_ends_before_it_begins_does_nothing()
    {
        await CreateAsync("first", paused: false);

        await server.CallAsync<PatchScheduleResponse>(new PatchScheduleRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = "first",
            Patch = new SchedulePatch { BackfillRequest = { new BackfillRequest { StartTime = new() { Seconds = 2 }, EndTime = new() { Seconds = 1 } } } },
        });

        (await DescribeAsync("first")).Info.ActionCount.ShouldBe(0);
    }

    [Fact]
    public async Task Matching_times_come_after_the_start_and_up_to_the_end()
    {
        await CreateAsync("first", paused: true, schedule => schedule.Spec = new ScheduleSpec { Interval = { new IntervalSpec { Interval = new() { Seconds = 3_600 } } } });

        var times = await server.CallAsync<ListScheduleMatchingTimesResponse>(new ListScheduleMatchingTimesRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = "first",
            StartTime = new() { Seconds = 3_600 },
            EndTime = new() { Seconds = 3 * 3_600 },
        });

        times.StartTime.Select(time => time.Seconds).ShouldBe([2 * 3_600, 3 * 3_600]);
    }

    [Fact]
    public async Task A_catch_up_window_is_ten_seconds_at_least()
    {
        await CreateAsync("first", paused: true, schedule => schedule.Policies = new SchedulePolicies { CatchupWindow = new() { Seconds = 1 } });

        (await DescribeAsync("first")).Schedule.Policies.CatchupWindow.Seconds.ShouldBe(10);
    }

    private Task<DescribeScheduleResponse> DescribeAsync(string id) =>
        server.CallAsync<DescribeScheduleResponse>(new DescribeScheduleRequest { Namespace = ServerFixture.Namespace, ScheduleId = id });

    private async Task CreateAllAsync()
    {
        await CreateAsync("first", paused: false);
        await CreateAsync("second", paused: true);
        await CreateAsync("third", paused: false);
    }

    private Task<CreateScheduleResponse> CreateAsync(string id, bool paused, Action<Schedule>? change = null) =>
        server.CallAsync<CreateScheduleResponse>(new CreateScheduleRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = id,
            Schedule = ScheduleBook.Hourly(schedule =>
            {
                schedule.State.Paused = paused;
                change?.Invoke(schedule);
            }),
            RequestId = $"create-{id}",
        });
}
