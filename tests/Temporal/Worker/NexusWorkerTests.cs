using NexusRpc;
using NexusRpc.Handlers;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

/// <summary>The server has no Nexus; workers and workflows that know it are told so, or left in peace.</summary>
public class NexusWorkerTests(LocalServer server) : IClassFixture<LocalServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [NexusService]
    public interface IGreetings
    {
        [NexusOperation]
        string Greet(string name);
    }

    [Fact]
    public async Task A_worker_with_a_nexus_service_polls_in_peace_and_stops_at_once()
    {
        var taskQueue = $"tq-{Guid.NewGuid()}";
        using var worker = new Temporalio.Worker.TemporalWorker(
            server.Client, new Temporalio.Worker.TemporalWorkerOptions(taskQueue).AddNexusService(new Greetings()).AddWorkflow<Asking>());

        await worker.ExecuteAsync(() => PolledAsync(taskQueue)).WaitAsync(Patience);
    }

    [Fact]
    public Task A_workflow_that_asks_for_a_nexus_operation_has_its_task_failed_with_the_cause() => server.RunAsync(
        options => options.AddWorkflow<Asking>(),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Asking w) => w.RunAsync(), LocalServer.Start(taskQueue));

            var failed = await handle.FetchHistoryEventsAsync(new() { WaitNewEvent = true }).FirstAsync(e => e.EventType == EventType.WorkflowTaskFailed);

            failed.WorkflowTaskFailedEventAttributes.Cause.ShouldBe(WorkflowTaskFailedCause.FeatureDisabled);
            await handle.TerminateAsync();
        });

    /// <summary>A parked poll shows itself only in the description of its queue.</summary>
    private async Task PolledAsync(string taskQueue)
    {
        using var patience = new CancellationTokenSource(Patience);
        while ((await server.Client.Connection.WorkflowService.DescribeTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = taskQueue }, TaskQueueType = TaskQueueType.Nexus },
            new() { CancellationToken = patience.Token })).Pollers.Count == 0)
        {
        }
    }

    [NexusServiceHandler(typeof(IGreetings))]
    public class Greetings
    {
        [NexusOperationHandler]
        public IOperationHandler<string, string> Greet() => OperationHandler.Sync<string, string>((_, name) => $"Hello, {name}!");
    }

    [Workflow]
    public class Asking
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.CreateNexusWorkflowClient<IGreetings>("endpoint").ExecuteNexusOperationAsync(service => service.Greet("you"));
    }
}
