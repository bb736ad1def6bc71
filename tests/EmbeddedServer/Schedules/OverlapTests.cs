using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.Tests.Schedules;

/// <summary>What becomes of an action while the workflow of an earlier one runs, and what a schedule makes of how that one ends.</summary>
public sealed class OverlapTests : IAsyncLifetime
{
    private readonly World world = World.Create();
    private readonly ScheduleBook book;

    public OverlapTests() => book = new ScheduleBook(world);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Theory]
    [InlineData(ScheduleOverlapPolicy.Skip, "taken=1 running=1 waiting=0 skipped=2")]
    [InlineData(ScheduleOverlapPolicy.BufferOne, "taken=1 running=1 waiting=1 skipped=1")]
    [InlineData(ScheduleOverlapPolicy.BufferAll, "taken=1 running=1 waiting=2 skipped=0")]
    [InlineData(ScheduleOverlapPolicy.CancelOther, "taken=1 running=1 waiting=2 skipped=0")]
    [InlineData(ScheduleOverlapPolicy.TerminateOther, "taken=3 running=1 waiting=0 skipped=0")]
    [InlineData(ScheduleOverlapPolicy.AllowAll, "taken=3 running=0 waiting=0 skipped=0")]
    public async Task Three_actions_of_which_the_first_does_not_end(ScheduleOverlapPolicy policy, string outcome)
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = policy));

        await world.PassAsync(TimeSpan.FromHours(3));

        var info = book.Info;
        $"taken={info.ActionCount} running={info.RunningWorkflows.Count} waiting={info.BufferSize} skipped={info.OverlapSkipped}".ShouldBe(outcome);
    }

    [Fact]
    public async Task What_waits_starts_when_the_one_before_has_ended()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.BufferAll));
        await world.PassAsync(TimeSpan.FromHours(3));

        await book.EndAsync();
        await book.EndAsync();

        book.Taken.ShouldBe("01T13:00:00Z 01T14:00:00Z 01T15:00:00Z");
        book.Info.RunningWorkflows.ShouldHaveSingleItem().WorkflowId.ShouldBe("report-2026-03-01T15:00:00Z");
    }

    [Fact]
    public async Task Cancel_other_asks_once_and_takes_the_latest_when_the_other_has_ended()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.CancelOther));
        await world.PassAsync(TimeSpan.FromHours(3));

        await book.EndAsync(Commands.Cancel());

        book.Taken.ShouldBe("01T13:00:00Z 01T15:00:00Z");
        (await world.EventsAsync("report-2026-03-01T13:00:00Z"))
            .Where(e => e.EventType == EventType.WorkflowExecutionCancelRequested).ShouldHaveSingleItem()
            .WorkflowExecutionCancelRequestedEventAttributes.Cause.ShouldBe("cancelled by schedule overlap policy");
    }

    [Fact]
    public async Task Terminate_other_ends_the_one_that_runs()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.TerminateOther));

        await world.PassAsync(TimeSpan.FromHours(2));

        (await world.EventsAsync("report-2026-03-01T13:00:00Z"))[^1]
            .WorkflowExecutionTerminatedEventAttributes.Reason.ShouldBe("terminated by schedule overlap policy");
        book.Info.RecentActions[0].StartWorkflowStatus.ShouldBe(WorkflowExecutionStatus.Terminated);
    }

    [Fact]
    public async Task An_action_may_have_a_policy_of_its_own()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromMinutes(61));

        await book.TriggerAsync(ScheduleOverlapPolicy.AllowAll);

        book.Taken.ShouldBe("01T13:00:00Z 01T13:01:00Z");
    }

    [Fact]
    public async Task Beyond_the_bound_of_the_buffer_actions_are_dropped_and_counted()
    {
        await book.CreateAsync(ScheduleBook.Of(s =>
        {
            s.Spec.CronString.Add("* * * * *");
            s.Policies.OverlapPolicy = ScheduleOverlapPolicy.BufferAll;
        }));

        await world.PassAsync(TimeSpan.FromMinutes(1_010));

        book.Info.BufferSize.ShouldBe(1_000);
        book.Info.BufferDropped.ShouldBe(9);
    }

    [Fact]
    public async Task The_end_of_the_last_run_of_a_chain_is_the_end()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.BufferAll));
        await world.PassAsync(TimeSpan.FromHours(2));

        await book.EndAsync(Commands.ContinueAsNew());
        book.Info.RunningWorkflows.ShouldHaveSingleItem();
        await book.EndAsync();

        book.Taken.ShouldBe("01T13:00:00Z 01T14:00:00Z");
    }

    [Fact]
    public async Task A_workflow_id_that_somebody_else_uses_costs_the_action()
    {
        await world.StartAsync("report-2026-03-01T13:00:00Z");
        await book.CreateAsync(ScheduleBook.Hourly());

        await world.PassAsync(TimeSpan.FromHours(2));

        book.Taken.ShouldBe("01T14:00:00Z");
    }

    [Fact]
    public async Task The_next_workflow_is_given_the_result_of_the_last()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromHours(1));
        await book.EndAsync(ScheduleBook.CompleteWith("first"));

        await world.PassAsync(TimeSpan.FromHours(1));
        await book.EndAsync(Commands.Fail("no luck"));
        await world.PassAsync(TimeSpan.FromHours(1));

        var second = (await world.EventsAsync("report-2026-03-01T14:00:00Z"))[0].WorkflowExecutionStartedEventAttributes;
        var third = (await world.EventsAsync("report-2026-03-01T15:00:00Z"))[0].WorkflowExecutionStartedEventAttributes;
        second.LastCompletionResult.ShouldBe(World.Text("first"));
        second.ContinuedFailure.ShouldBeNull();
        third.LastCompletionResult.ShouldBe(World.Text("first"));
        third.ContinuedFailure.Message.ShouldBe("no luck");
    }

    [Fact]
    public async Task A_failure_pauses_a_schedule_that_is_to_pause_on_it()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.PauseOnFailure = true));
        await world.PassAsync(TimeSpan.FromHours(1));

        await book.EndAsync(Commands.Fail("no luck"));
        await world.PassAsync(TimeSpan.FromHours(2));

        book.Describe().Schedule.State.Paused.ShouldBeTrue();
        book.Describe().Schedule.State.Notes.ShouldBe("paused due to workflow failure: report-2026-03-01T13:00:00Z: no luck");
        book.Info.ActionCount.ShouldBe(1);
    }
}
