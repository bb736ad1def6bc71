using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>The machine's clock is set by an hour, or the machine slept for one, while a workflow is under way.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_task_whose_worker_went_with_the_sleep_is_given_to_another_soon_after_it()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        await server.PollAsync();
        var other = server.PollAsync();

        server.Clock.SetClock(Hour);
        await AdvanceUntilAsync(server, other, TimeSpan.FromSeconds(59));

        (await other).Attempt.ShouldBe(2);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_workflow_goes_on_by_the_clock_as_it_was_set_and_keeps_what_came_before(int hours)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        await SignalAsync(server, "before");
        var task = await server.PollAsync();

        server.Clock.SetClock(hours * Hour);
        await SignalAsync(server, "after");
        await CompleteAsync(server, task, Timer(TimeSpan.FromSeconds(5)));
        await CompleteAsync(server, await server.PollAsync());

        var fired = server.PollAsync();
        await AdvanceUntilAsync(server, fired, TimeSpan.FromSeconds(30));

        var events = (await fired).History.Events;
        events.Where(e => e.EventType == EventType.WorkflowExecutionSignaled).Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName).ShouldBe(["before", "after"]);
        events.ShouldContain(e => e.EventType == EventType.TimerFired);
    }

    /// <summary>Lets time pass by seconds until the task ends, so long at most.</summary>
    private static async Task AdvanceUntilAsync(ServerFixture server, Task task, TimeSpan atMost)
    {
        for (var passed = TimeSpan.Zero; passed < atMost && !task.IsCompleted; passed += TimeSpan.FromSeconds(1))
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await server.SettleAsync();
        }

        await task.WaitAsync(Patience);
    }

    private static Task<SignalWorkflowExecutionResponse> SignalAsync(ServerFixture server, string name) => server.CallAsync<SignalWorkflowExecutionResponse>(
        new SignalWorkflowExecutionRequest { Namespace = ServerFixture.Namespace, WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" }, SignalName = name });

    private static Task<RespondWorkflowTaskCompletedResponse> CompleteAsync(ServerFixture server, PollWorkflowTaskQueueResponse task, params Command[] commands) =>
        server.CallAsync<RespondWorkflowTaskCompletedResponse>(
            new RespondWorkflowTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = task.TaskToken, Commands = { commands } });

    private static Command Timer(TimeSpan span) => new()
    {
        CommandType = CommandType.StartTimer,
        StartTimerCommandAttributes = new StartTimerCommandAttributes
        {
            TimerId = "t", StartToFireTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(span),
        },
    };
}
