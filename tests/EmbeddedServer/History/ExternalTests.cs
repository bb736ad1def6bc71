using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Workflows that signal and cancel each other.</summary>
public sealed class ExternalTests
{
    [Fact]
    public async Task Both_histories_tell_of_a_signal()
    {
        await using var world = await WithTargetAsync();
        await world.StartAsync("sender");

        await world.CompleteAsync(await world.PollAsync(), SignalOther("target", "hello"));
        await world.PassAsync(TimeSpan.Zero);

        (await world.EventsAsync("sender")).Skip(4).Show().ShouldBe("""
            5 SignalExternalWorkflowExecutionInitiated
            6 ExternalWorkflowExecutionSignaled
            7 WorkflowTaskScheduled
            """);
        (await world.EventsAsync("target")).Skip(5).Show().ShouldBe("""
            6 WorkflowExecutionSignaled hello
            7 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task One_that_is_not_there_is_reported()
    {
        await using var world = World.Create();
        await world.StartAsync("sender");

        await world.CompleteAsync(await world.PollAsync(), SignalOther("nobody", "hello"), CancelOther("nobody"), SignalOther("sender", "myself"));
        await world.PassAsync(TimeSpan.Zero);

        // Answers of different workflows come in any order.
        (await world.EventsAsync("sender")).Skip(7).Select(e => e.EventType).ShouldBe(
            [
                EventType.SignalExternalWorkflowExecutionFailed, EventType.RequestCancelExternalWorkflowExecutionFailed,
                EventType.SignalExternalWorkflowExecutionFailed, EventType.WorkflowTaskScheduled,
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task A_closed_one_takes_a_cancellation_but_no_signal()
    {
        await using var world = await WithTargetAsync();
        await world.TerminateAsync("target");
        await world.StartAsync("sender");

        await world.CompleteAsync(await world.PollAsync(), SignalOther("target", "hello"), CancelOther("target"));
        await world.PassAsync(TimeSpan.Zero);

        (await world.EventsAsync("sender")).Skip(6).Show().ShouldBe("""
            7 SignalExternalWorkflowExecutionFailed
            8 WorkflowTaskScheduled
            9 ExternalWorkflowExecutionCancelRequested
            """);
    }

    [Fact]
    public async Task What_was_asked_for_before_a_restart_is_done_after_it_once()
    {
        await using var world = await WithTargetAsync();
        await world.StartAsync("sender");
        await world.CompleteAsync(await world.PollAsync(), SignalOther("target", "hello"), CancelOther("target"));

        await world.RestartAsync();
        await world.PassAsync(TimeSpan.Zero);
        await world.RestartAsync();
        await world.PassAsync(TimeSpan.Zero);

        (await world.EventsAsync("target")).Skip(5).Show().ShouldBe("""
            6 WorkflowExecutionSignaled hello
            7 WorkflowTaskScheduled
            8 WorkflowExecutionCancelRequested
            """);
    }

    [Fact]
    public async Task A_workflow_does_not_reach_a_run_that_it_was_before()
    {
        await using var world = World.Create();
        var first = await world.StartAsync("sender");
        await world.CompleteAsync(await world.PollAsync(), Complete());
        await world.StartAsync("sender", request => request.RequestId = "again");

        await world.CompleteAsync(await world.PollAsync(), CancelChild("sender", first.RunId));
        await world.SettleAsync();

        (await world.EventsAsync("sender"))[5].RequestCancelExternalWorkflowExecutionFailedEventAttributes.Cause
            .ShouldBe(CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound);
    }

    [Fact]
    public async Task One_that_has_closed_takes_a_cancellation_from_somebody_who_is_not_its_parent()
    {
        await using var world = await WithTargetAsync();
        await world.TerminateAsync("target");
        await world.StartAsync("sender");

        await world.CompleteAsync(await world.PollAsync(), CancelChild("target"));
        await world.SettleAsync();

        (await world.EventsAsync("sender"))[5].EventType.ShouldBe(EventType.ExternalWorkflowExecutionCancelRequested);
    }

    [Fact]
    public async Task What_is_asked_for_names_a_namespace_only_if_the_worker_did_but_what_came_of_it_does()
    {
        await using var world = await WithTargetAsync();
        await world.StartAsync("sender");

        await world.CompleteAsync(await world.PollAsync(), SignalOther("target", "hello"));
        await world.SettleAsync();

        var events = await world.EventsAsync("sender");
        events[4].SignalExternalWorkflowExecutionInitiatedEventAttributes.Namespace.ShouldBeEmpty();
        events[5].ExternalWorkflowExecutionSignaledEventAttributes.Namespace.ShouldBe("default");
    }

    private static async Task<World> WithTargetAsync()
    {
        var world = World.Create();
        await world.StartAsync("target");
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 3600));
        return world;
    }
}
