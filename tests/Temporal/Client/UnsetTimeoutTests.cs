using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;
using Onramp.Temporal.Tests.Activities;

namespace Onramp.Temporal.Tests.Client;

/// <summary>What wasn't set of a workflow stays unset, in events and descriptions: "not limited" is not "at once". Of an activity it is nothing, as on Temporal's servers.</summary>
public class UnsetTimeoutTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public Task A_timeout_that_was_not_set_is_not_in_the_first_event() => server.RunAsync(
        options => options.AddWorkflow<CallActivityWorkflow>().AddActivity(TestActivities.Echo),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync(
                (CallActivityWorkflow w) => w.RunAsync(new("Echo", new object?[] { "hello" })), LocalServer.Start(taskQueue));
            await handle.GetResultAsync<string>();

            var events = (await handle.FetchHistoryAsync()).Events;

            var started = events.First().WorkflowExecutionStartedEventAttributes;
            new[] { started.WorkflowExecutionTimeout, started.WorkflowRunTimeout }.ShouldAllBe(timeout => timeout == null);
            var scheduled = events.Single(e => e.EventType == EventType.ActivityTaskScheduled).ActivityTaskScheduledEventAttributes;
            new[] { scheduled.ScheduleToCloseTimeout, scheduled.ScheduleToStartTimeout, scheduled.HeartbeatTimeout }.ShouldAllBe(timeout => timeout.ToTimeSpan() == TimeSpan.Zero);
            scheduled.StartToCloseTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(30));
        });

    [Fact]
    public Task A_timeout_that_was_not_set_is_not_in_what_activities_and_callers_see() => server.RunAsync(
        options => options.AddWorkflow<CallActivityWorkflow>().AddActivity(LookAsync),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((CallActivityWorkflow w) => w.RunAsync(new("Look", Array.Empty<object?>())), LocalServer.Start(taskQueue));
            var info = await looked.Task;

            var described = await server.Client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
                new() { Namespace = "default", Execution = new() { WorkflowId = handle.Id } });
            await handle.TerminateAsync();
            release.SetResult();

            info.HeartbeatTimeout.ShouldBeNull();
            new[] { described.ExecutionConfig.WorkflowExecutionTimeout, described.ExecutionConfig.WorkflowRunTimeout }.ShouldAllBe(timeout => timeout == null);
        });

    private readonly TaskCompletionSource<ActivityInfo> looked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Activity]
    private async Task LookAsync()
    {
        looked.SetResult(ActivityExecutionContext.Current.Info);
        await release.Task;
    }
}
