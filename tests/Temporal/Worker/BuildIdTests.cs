using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

/// <summary>Which build of a worker carried out a task is part of the history: on replay, workflow code sees the build of then.</summary>
public class BuildIdTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task A_replaying_worker_sees_the_build_that_completed_the_task()
    {
        var queue = $"tq-{Guid.NewGuid()}";
        var handle = await RunAsync(queue, "1.0", async () =>
        {
            var started = await server.Client.StartWorkflowAsync((Noting w) => w.RunAsync(), LocalServer.Start(queue));
            (await started.QueryAsync(w => w.First)).ShouldBe("1.0");
            return started;
        });

        var seen = await RunAsync(queue, "2.0", () => handle.QueryAsync(w => w.First));

        seen.ShouldBe("1.0");
        await handle.TerminateAsync();
    }

    private async Task<T> RunAsync<T>(string queue, string build, Func<Task<T>> body)
    {
        using var worker = new TemporalWorker(server.Client, new TemporalWorkerOptions(queue)
        {
            DeploymentOptions = new(new("test", build), useWorkerVersioning: false),
        }.AddWorkflow<Noting>());
        return await worker.ExecuteAsync(body).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Workflow]
    public class Noting
    {
        [WorkflowQuery]
        public string First { get; private set; } = "";

        [WorkflowRun]
        public async Task RunAsync()
        {
            First = Workflow.CurrentDeploymentVersion?.BuildId ?? "none";
            await Workflow.WaitConditionAsync(() => false);
        }
    }
}
