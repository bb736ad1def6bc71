using Google.Protobuf;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

public sealed class LongPollTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_poll_ends_empty_after_a_minute_even_if_its_caller_would_wait_longer()
    {
        await using var server = await ServerFixture.StartAsync();
        var poll = server.PollAsync(server.Context(deadline: TimeSpan.FromHours(1)));

        server.Clock.Advance(TimeSpan.FromSeconds(59));
        poll.IsCompleted.ShouldBeFalse();
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        (await poll.WaitAsync(Patience)).ShouldBe(new PollWorkflowTaskQueueResponse());
    }

    [Fact]
    public async Task A_poll_ends_empty_a_second_before_its_deadline()
    {
        await using var server = await ServerFixture.StartAsync();
        var poll = server.PollAsync(server.Context(deadline: TimeSpan.FromSeconds(10)));

        server.Clock.Advance(TimeSpan.FromSeconds(8.9));
        poll.IsCompleted.ShouldBeFalse();
        server.Clock.Advance(TimeSpan.FromSeconds(0.1));

        (await poll.WaitAsync(Patience)).TaskToken.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_clock_that_is_set_meanwhile_holds_a_poll_neither_longer_nor_shorter(int hours)
    {
        var clock = new Matching.ManualClock();
        var context = new CallContext(_ => null, clock.GetUtcNow() + TimeSpan.FromSeconds(31), CancellationToken.None);
        var poll = new LongPoll(context, TimeSpan.FromMinutes(1), clock);

        clock.SetClock(TimeSpan.FromHours(hours));
        clock.Advance(TimeSpan.FromSeconds(10));

        poll.Remaining.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_query_without_a_deadline_is_given_one()
    {
        await using var server = await ServerFixture.StartAsync(new HistoryEngineOptions { QueryTimeout = TimeSpan.FromMilliseconds(100) });
        using var caller = new CancellationTokenSource();
        await server.StartWorkflowAsync();

        var query = server.CallAsync<QueryWorkflowResponse>(
            new QueryWorkflowRequest
            {
                Namespace = ServerFixture.Namespace,
                Execution = new WorkflowExecution { WorkflowId = "wf" },
                Query = new() { QueryType = "state" },
            },
            server.Context(cancellationToken: caller.Token));

        (await Should.ThrowAsync<RefusalException>(() => query.WaitAsync(Patience))).Kind.ShouldBe(RefusalKind.DeadlineExceeded);
    }

    [Fact]
    public async Task A_poll_that_ends_before_the_next_second_is_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();

        var refused = await server.RefusalAsync(ServerFixture.PollRequest(), server.Context(deadline: TimeSpan.FromMilliseconds(1_999)));

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.FailedPrecondition, "Context timeout is too short."));
    }

    [Fact]
    public async Task A_poll_of_two_seconds_still_gets_what_is_there()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();

        var task = await server.PollAsync(server.Context(deadline: TimeSpan.FromSeconds(2))).WaitAsync(Patience);

        task.WorkflowExecution.WorkflowId.ShouldBe("wf");
    }

    public static TheoryData<IMessage> Polls =>
    [
        ServerFixture.PollRequest(),
        new PollActivityTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new() { Name = ServerFixture.Queue } },
        new PollNexusTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new() { Name = ServerFixture.Queue } },
    ];

    [Theory]
    [MemberData(nameof(Polls))]
    public async Task A_poll_that_does_not_say_how_long_it_waits_is_refused(IMessage poll)
    {
        await using var server = await ServerFixture.StartAsync();

        var refused = await server.RefusalAsync(poll, server.Context());

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, "Context timeout is not set."));
    }

    [Fact]
    public async Task An_update_is_not_answered_with_nothing_before_its_deadline()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var execution = new WorkflowExecution { WorkflowId = "wf" };
        var update = server.CallAsync<UpdateWorkflowExecutionResponse>(
            new UpdateWorkflowExecutionRequest
            {
                Namespace = ServerFixture.Namespace,
                WorkflowExecution = execution,
                WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
                Request = new() { Meta = new() { UpdateId = "u" }, Input = new() { Name = "add" } },
            },
            server.Context(deadline: TimeSpan.FromMilliseconds(50)));

        await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest { Namespace = ServerFixture.Namespace, WorkflowExecution = execution });

        (await Should.ThrowAsync<RefusalException>(() => update.WaitAsync(Patience))).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task A_task_whose_answer_did_not_reach_its_poller_goes_to_the_next()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var context = server.PollContext();
        var lost = await server.PollAsync(context);
        var next = server.PollAsync();

        context.ReportUndelivered();

        var task = await next.WaitAsync(Patience);
        task.WorkflowExecution.WorkflowId.ShouldBe("wf");
        task.TaskToken.ShouldNotBe(lost.TaskToken);
    }

    [Fact]
    public async Task A_poller_that_has_gone_gets_no_task()
    {
        await using var server = await ServerFixture.StartAsync();
        using var gone = new CancellationTokenSource();
        var poll = server.PollAsync(server.PollContext(gone.Token));

        await gone.CancelAsync();
        await server.StartWorkflowAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => poll.WaitAsync(Patience));
        (await server.PollAsync().WaitAsync(Patience)).WorkflowExecution.WorkflowId.ShouldBe("wf");
    }

    [Fact]
    public async Task Parked_polls_end_empty_when_the_server_stops()
    {
        await using var server = await ServerFixture.StartAsync();
        var poll = server.PollAsync();

        server.Stop();

        (await poll.WaitAsync(Patience)).TaskToken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_nexus_poll_is_held_and_ends_empty_a_second_before_its_deadline()
    {
        await using var server = await ServerFixture.StartAsync();
        var poll = server.CallAsync<PollNexusTaskQueueResponse>(
            new PollNexusTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new() { Name = ServerFixture.Queue }, Identity = "worker" },
            server.Context(deadline: TimeSpan.FromSeconds(10)));

        server.Clock.Advance(TimeSpan.FromSeconds(8.9));
        poll.IsCompleted.ShouldBeFalse();
        server.Clock.Advance(TimeSpan.FromSeconds(0.1));

        (await poll.WaitAsync(Patience)).ShouldBe(new PollNexusTaskQueueResponse());
    }

    [Fact]
    public async Task A_stale_task_is_dropped_and_the_poll_goes_on()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync("gone");
        await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowExecution = new WorkflowExecution { WorkflowId = "gone" },
        });
        await server.StartWorkflowAsync("there");

        (await server.PollAsync().WaitAsync(Patience)).WorkflowExecution.WorkflowId.ShouldBe("there");
    }

    [Fact]
    public async Task Waiting_for_new_events_ends_after_twenty_seconds_with_a_token_to_go_on()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var first = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(History(waitNewEvent: true));
        first.History.Events.Count.ShouldBe(2);
        var request = History(waitNewEvent: true);
        request.NextPageToken = first.NextPageToken;
        var waiting = server.CallAsync<GetWorkflowExecutionHistoryResponse>(request);

        server.Clock.Advance(TimeSpan.FromSeconds(20));

        var empty = await waiting.WaitAsync(Patience);
        empty.History.Events.ShouldBeEmpty();
        empty.NextPageToken.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public async Task Waiting_for_the_close_event_returns_it_alone()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var waiting = server.CallAsync<GetWorkflowExecutionHistoryResponse>(History(waitNewEvent: true, HistoryEventFilterType.CloseEvent));
        await server.CallAsync<SignalWorkflowExecutionResponse>(new SignalWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" },
            SignalName = "s",
        });
        waiting.IsCompleted.ShouldBeFalse();

        await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" },
        });

        var answer = await waiting.WaitAsync(Patience);
        answer.History.Events.Select(e => e.EventType).ShouldBe([EventType.WorkflowExecutionTerminated]);
        answer.NextPageToken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Pages_end_where_the_history_ended_when_the_first_was_read()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var request = History(waitNewEvent: false);
        request.MaximumPageSize = 1;
        var first = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(request.Clone());
        await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" },
        });
        request.NextPageToken = first.NextPageToken;

        var second = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(request);

        second.History.Events.Select(e => e.EventId).ShouldBe([2]);
        second.NextPageToken.IsEmpty.ShouldBeTrue();
    }

    private static GetWorkflowExecutionHistoryRequest History(bool waitNewEvent, HistoryEventFilterType filter = HistoryEventFilterType.AllEvent) => new()
    {
        Namespace = ServerFixture.Namespace,
        Execution = new WorkflowExecution { WorkflowId = "wf" },
        WaitNewEvent = waitNewEvent,
        HistoryEventFilterType = filter,
    };
}
