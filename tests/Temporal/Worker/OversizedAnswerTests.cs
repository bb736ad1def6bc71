using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

/// <summary>Core looks for the words of the refusal, and says so; with others it would send the same answer again until the task times out.</summary>
public class OversizedAnswerTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public Task An_answer_over_the_servers_limit_ends_the_run_with_the_cause() => server.RunAsync(
        options => options.AddWorkflow<Wasteful>().AddActivity(Swallow),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Wasteful w) => w.RunAsync(), LocalServer.Start(taskQueue));

            var ended = await handle.FetchHistoryEventsAsync(new() { WaitNewEvent = true })
                .FirstAsync(e => e.EventType is EventType.WorkflowTaskTimedOut or EventType.WorkflowExecutionTerminated or EventType.WorkflowExecutionFailed);

            ended.WorkflowExecutionTerminatedEventAttributes?.Reason.ShouldBe(nameof(WorkflowTaskFailedCause.GrpcMessageTooLarge));
        });

    [Activity]
    private static void Swallow(string text) => _ = text;

    /// <summary>Three payloads, each below the limit for one, are above the limit for a message.</summary>
    [Workflow]
    public class Wasteful
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WhenAllAsync(Enumerable.Range(0, 3).Select(_ => Workflow.ExecuteActivityAsync(
            () => Swallow(new string('x', 1_800_000)), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) })));
    }
}
