using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Onramp.Temporal.Tests.Resets;

/// <summary>Resets as workers of the official SDK live through them.</summary>
public class ResetTests(LocalServer server) : IClassFixture<LocalServer>
{
    private ITemporalClient Client => server.Client;

    [Fact]
    public Task A_worker_goes_on_from_the_point_and_hears_again_what_came_later() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((CollectingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));
        await handle.SignalAsync(w => w.AddAsync("a"));
        (await handle.ExecuteUpdateAsync(w => w.CountAsync())).ShouldBe(1);

        var reset = await ResetAsync(handle, finish: 4);
        var again = Client.GetWorkflowHandle<CollectingWorkflow, string>(handle.Id, reset);
        await again.SignalAsync(w => w.AddAsync("b"));
        await again.SignalAsync(w => w.EndAsync());

        (await again.GetResultAsync()).ShouldBe("a,b");
    });

    [Fact]
    public Task What_was_done_before_the_point_is_not_done_again() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((CollectingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));
        var before = await handle.ExecuteUpdateAsync(w => w.DrawAsync());
        var history = await handle.FetchHistoryAsync();
        var drawn = history.Events.Single(e => e.WorkflowExecutionUpdateCompletedEventAttributes is not null).EventId;
        await handle.SignalAsync(w => w.EndAsync());
        await handle.GetResultAsync();
        var finish = (await handle.FetchHistoryAsync()).Events.First(e => e.EventId > drawn && e.WorkflowTaskCompletedEventAttributes is not null).EventId;

        var again = Client.GetWorkflowHandle<CollectingWorkflow>(handle.Id, await ResetAsync(handle, finish));

        (await again.QueryAsync(w => w.Drawn)).ShouldBe(before);
    });

    private async Task<string> ResetAsync(WorkflowHandle handle, long finish)
    {
        var response = await Client.WorkflowService.ResetWorkflowExecutionAsync(new ResetWorkflowExecutionRequest
        {
            Namespace = Client.Options.Namespace,
            WorkflowExecution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = handle.Id },
            Reason = "a test",
            RequestId = Guid.NewGuid().ToString(),
            WorkflowTaskFinishEventId = finish,
        });
        return response.RunId;
    }

    private Task RunAsync(Func<string, Task> body) => server.RunAsync(options => options.AddWorkflow<CollectingWorkflow>(), body);
}
