using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>A run that has too much of something takes nothing more and ends; one that will soon is told so.</summary>
public sealed class HistoryLimitTests
{
    private static readonly string Text = new('x', 3_000);

    [Fact]
    public async Task What_comes_when_there_are_too_many_events_is_refused_and_ends_the_run_without_it()
    {
        await using var world = await SignaledAsync(new() { MaximumHistoryEvents = 10 }, signals: 9);

        var refused = await Should.ThrowAsync<RefusalException>(() => world.SignalAsync("too much"));

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, "Workflow history count exceeds limit."));
        (await world.EventsAsync()).Skip(9).Show().ShouldBe("""
            10 WorkflowExecutionSignaled 8
            11 WorkflowExecutionSignaled 9
            12 WorkflowExecutionTerminated Workflow history count exceeds limit.
            """);
    }

    [Fact]
    public async Task A_run_with_as_many_events_as_it_may_have_takes_one_more()
    {
        await using var world = await SignaledAsync(new() { MaximumHistoryEvents = 10 }, signals: 9);

        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task The_answer_to_a_task_that_would_be_too_much_leaves_nothing_but_the_end()
    {
        await using var world = await SignaledAsync(new() { MaximumHistoryEvents = 12 }, signals: 8);
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Marker("one too many")));

        refused.Message.ShouldBe("Workflow history count exceeds limit.");
        (await world.EventsAsync()).Skip(10).Show().ShouldBe("""
            11 WorkflowTaskStarted
            12 WorkflowTaskFailed ForceCloseCommand
            13 WorkflowExecutionTerminated Workflow history count exceeds limit.
            """);
    }

    [Fact]
    public async Task A_task_whose_start_is_too_much_is_given_to_nobody()
    {
        await using var world = await SignaledAsync(new() { MaximumHistoryEvents = 10 }, signals: 8);

        (await world.TryPollAsync()).ShouldBeNull();

        (await world.HistoryAsync()).ShouldEndWith("11 WorkflowExecutionTerminated Workflow history count exceeds limit.");
    }

    [Fact]
    public async Task A_timer_whose_firing_is_too_much_ends_the_run_without_it()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumHistoryEvents = 10 });
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 60));
        foreach (var signal in Enumerable.Range(1, 5))
        {
            await world.SignalAsync($"{signal}");
        }

        await world.PassAsync(TimeSpan.FromSeconds(61));

        (await world.HistoryAsync()).ShouldEndWith("12 WorkflowExecutionTerminated Workflow history count exceeds limit.");
    }

    [Fact]
    public async Task A_history_of_too_many_bytes_ends_the_run()
    {
        await using var world = await SignaledAsync(new() { MaximumHistoryBytes = 2_000 }, signals: 1);
        await world.SignalAsync(Text);

        var refused = await Should.ThrowAsync<RefusalException>(() => world.SignalAsync("too much"));

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, "Workflow history size exceeds limit."));
        (await world.HistoryAsync()).ShouldEndWith("WorkflowExecutionTerminated Workflow history size exceeds limit.");
    }

    [Fact]
    public async Task A_run_of_which_too_much_is_kept_besides_its_history_ends()
    {
        await using var world = await SignaledAsync(new() { MaximumStateBytes = 8_000 }, signals: 0);
        foreach (var key in new[] { "first", "second" })
        {
            await world.CompleteAsync(await world.PollAsync(), UpsertMemo(key, Text));
            await world.SignalAsync("next");
        }

        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, UpsertMemo("third", Text)));

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, "Workflow mutable state size exceeds limit."));
        (await world.HistoryAsync()).ShouldEndWith("WorkflowExecutionTerminated Workflow mutable state size exceeds limit.");
    }

    [Fact]
    public async Task An_activity_whose_start_is_too_much_is_given_to_nobody()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumStateBytes = 8_000 });
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), UpsertMemo("note", new string('x', 7_000)), Activity("a"));
        var task = world.Tasks.Take(TaskKind.Activity)!;

        var given = await world.Engine.Activities.StartAsync(World.Namespace, task, new PollActivityTaskQueueRequest { Identity = new string('i', 1_000) });

        given.ShouldBeNull();
        (await world.HistoryAsync()).ShouldEndWith("WorkflowExecutionTerminated Workflow mutable state size exceeds limit.");
    }

    [Fact]
    public async Task All_reasons_to_go_on_as_a_new_run_are_told_in_the_references_order()
    {
        await using var world = await SignaledAsync(new() { SuggestContinueAsNewEvents = 10, SuggestContinueAsNewBytes = 1_024 }, signals: 12);
        await world.SignalAsync(Text);
        await world.PollAsync();

        var started = (await world.EventsAsync())[^1].WorkflowTaskStartedEventAttributes;

        started.SuggestContinueAsNewReasons.ShouldBe([SuggestContinueAsNewReason.HistorySizeTooLarge, SuggestContinueAsNewReason.TooManyHistoryEvents]);
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    public async Task The_event_that_suggests_it_counts(int signals, bool isSuggested)
    {
        await using var world = await SignaledAsync(new() { SuggestContinueAsNewEvents = 10 }, signals);
        await world.PollAsync();

        (await world.EventsAsync())[^1].WorkflowTaskStartedEventAttributes.SuggestContinueAsNew.ShouldBe(isSuggested);
    }

    [Fact]
    public async Task The_reasons_are_the_same_after_a_restart()
    {
        await using var world = await SignaledAsync(new() { SuggestContinueAsNewEvents = 10, SuggestContinueAsNewBytes = 1_024 }, signals: 12);
        await world.SignalAsync(Text);
        await world.FailTaskAsync(await world.PollAsync());
        var transient = await world.PollAsync();

        await world.RestartAsync();
        await world.CompleteAsync(transient);

        (await world.EventsAsync()).Last(e => e.EventType == EventType.WorkflowTaskStarted).WorkflowTaskStartedEventAttributes.SuggestContinueAsNewReasons.Count.ShouldBe(2);
    }

    private static async Task<World> SignaledAsync(HistoryEngineOptions options, int signals)
    {
        var world = World.Create(options);
        await world.StartAsync();
        foreach (var signal in Enumerable.Range(1, signals))
        {
            await world.SignalAsync($"{signal}");
        }

        return world;
    }
}
