using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

/// <summary>Workflow tasks that fail leave their workflow running, and one event in its history.</summary>
public class WorkflowTaskFailureTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task Bug_fails_the_task_and_the_workflow_goes_on_when_it_is_fixed()
    {
        var attempts = 0;
        await server.RunAsync(
            options => options.AddWorkflow(WorkflowDefinition.Create(typeof(Scripted), null, _ => new Scripted(() =>
            {
                if (Interlocked.Increment(ref attempts) == 1)
                {
                    throw new InvalidOperationException("a bug");
                }
            }))),
            async taskQueue =>
            {
                var handle = await server.Client.StartWorkflowAsync((Scripted w) => w.RunAsync(), LocalServer.Start(taskQueue));
                (await handle.GetResultAsync()).ShouldBe("done");
                var failed = (await FailuresAsync(handle)).ShouldHaveSingleItem();
                failed.Cause.ShouldBe(WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure);
                failed.Failure.Message.ShouldBe("a bug");
            });
    }

    [Fact]
    public async Task Code_that_blocks_its_thread_fails_the_task()
    {
        using var release = new ManualResetEventSlim();
        var attempts = 0;
        await server.RunAsync(
            options => options.AddWorkflow(WorkflowDefinition.Create(typeof(Scripted), null, _ => new Scripted(() =>
            {
                if (Interlocked.Increment(ref attempts) == 1)
                {
                    release.Wait(TimeSpan.FromSeconds(60));
                }
            }))),
            async taskQueue =>
            {
                var handle = await server.Client.StartWorkflowAsync((Scripted w) => w.RunAsync(), LocalServer.Start(taskQueue));
                await FailedAsync(handle);

                // The worker can't give the run up before its thread comes back.
                release.Set();
                (await handle.GetResultAsync()).ShouldBe("done");
                (await FailuresAsync(handle)).ShouldHaveSingleItem().Failure.Message.ShouldStartWith("[TMPRL1101]");
            });
    }

    [Fact]
    public async Task Changed_code_fails_the_task_as_nondeterministic()
    {
        var replays = 0;
        await server.RunAsync(
            options =>
            {
                options.MaxCachedWorkflows = 0;
                options.AddWorkflow(WorkflowDefinition.Create(typeof(Changing), null, _ => new Changing(() => Interlocked.Increment(ref replays) == 1)));
            },
            async taskQueue =>
            {
                var handle = await server.Client.StartWorkflowAsync((Changing w) => w.RunAsync(), LocalServer.Start(taskQueue));
                await FailedAsync(handle);

                var failed = (await FailuresAsync(handle)).ShouldHaveSingleItem();
                failed.Cause.ShouldBe(WorkflowTaskFailedCause.NonDeterministicError);
                failed.Failure.Message.ShouldContain("[TMPRL1100]");
                await handle.TerminateAsync();
            });
    }

    [Fact]
    public Task Unknown_workflow_type_is_named_with_those_that_are_known() => server.RunAsync(
        options => options.AddWorkflow<Scripted>(),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync("NoSuchWorkflow", [], LocalServer.Start(taskQueue));
            await FailedAsync(handle);

            (await FailuresAsync(handle)).First().Failure.Message.ShouldBe(
                "Workflow type NoSuchWorkflow is not registered on this worker, available workflows: Scripted");
            await handle.TerminateAsync();
        });

    /// <summary>Waits for a failed workflow task in the history.</summary>
    private static async Task FailedAsync(WorkflowHandle handle) => await handle.FetchHistoryEventsAsync(new() { WaitNewEvent = true })
        .FirstAsync(e => e.EventType == EventType.WorkflowTaskFailed);

    private static async Task<IReadOnlyCollection<WorkflowTaskFailedEventAttributes>> FailuresAsync(WorkflowHandle handle) =>
        [.. (await EventsAsync(handle)).Where(e => e.EventType == EventType.WorkflowTaskFailed).Select(e => e.WorkflowTaskFailedEventAttributes)];

    private static async Task<IReadOnlyCollection<HistoryEvent>> EventsAsync(WorkflowHandle handle) =>
        (await handle.FetchHistoryAsync()).Events;

    [Workflow]
    public class Scripted(Action script)
    {
        public Scripted()
            : this(() => { })
        {
        }

        [WorkflowRun]
        public Task<string> RunAsync()
        {
            script();
            return Task.FromResult("done");
        }
    }

    [Workflow]
    public class Changing(Func<bool> isFirst)
    {
        public Changing()
            : this(() => true)
        {
        }

        [WorkflowRun]
        public Task RunAsync() => isFirst()
            ? Workflow.DelayAsync(1)
            : Workflow.ExecuteActivityAsync("none", [], new() { StartToCloseTimeout = TimeSpan.FromSeconds(1) });
    }
}
