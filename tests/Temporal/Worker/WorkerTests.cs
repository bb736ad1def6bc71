using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

public class WorkerTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public Task Workflow_runs_an_activity_and_returns_its_result() => server.RunAsync(
        options => options.AddWorkflow<Greeting>().AddAllActivities(new Greeter()),
        async taskQueue =>
        {
            var result = await server.Client.ExecuteWorkflowAsync((Greeting w) => w.RunAsync("World"), LocalServer.Start(taskQueue));
            result.ShouldBe("Hello, World!");
        });

    [Fact]
    public Task Signals_queries_and_timers_work_together() => server.RunAsync(
        options => options.AddWorkflow<Counter>(),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Counter w) => w.RunAsync(3), LocalServer.Start(taskQueue));
            await handle.SignalAsync(w => w.AddAsync(1));
            await handle.SignalAsync(w => w.AddAsync(1));
            (await handle.QueryAsync(w => w.Total)).ShouldBe(2);
            (await handle.QueryAsync(w => w.TotalPlus(5))).ShouldBe(7);
            await handle.SignalAsync(w => w.AddAsync(1));
            (await handle.GetResultAsync()).ShouldBe(3);
            (await handle.QueryAsync(w => w.Total)).ShouldBe(3);
        });

    [Fact]
    public Task Application_failure_fails_the_workflow() => server.RunAsync(
        options => options.AddWorkflow<Failing>(),
        async taskQueue =>
        {
            var failed = await Should.ThrowAsync<WorkflowFailedException>(
                () => server.Client.ExecuteWorkflowAsync((Failing w) => w.RunAsync(), LocalServer.Start(taskQueue)));
            var failure = failed.InnerException.ShouldBeOfType<ApplicationFailureException>();
            failure.Message.ShouldBe("no luck");
            failure.ErrorType.ShouldBe("NoLuck");
        });

    [Fact]
    public Task Activity_failure_reaches_the_workflow_with_its_cause() => server.RunAsync(
        options => options.AddWorkflow<FailingActivity>().AddAllActivities(new Greeter()),
        async taskQueue =>
        {
            var failed = await Should.ThrowAsync<WorkflowFailedException>(
                () => server.Client.ExecuteWorkflowAsync((FailingActivity w) => w.RunAsync(), LocalServer.Start(taskQueue)));
            var activity = failed.InnerException.ShouldBeOfType<ActivityFailureException>();
            activity.ActivityType.ShouldBe("Refuse");
            activity.InnerException.ShouldBeOfType<ApplicationFailureException>().Message.ShouldBe("refused");
        });

    [Fact]
    public Task Cancelled_workflow_ends_as_cancelled() => server.RunAsync(
        options => options.AddWorkflow<Endless>(),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Endless w) => w.RunAsync(), LocalServer.Start(taskQueue));
            await handle.CancelAsync();
            var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failed.InnerException.ShouldBeOfType<CanceledFailureException>();
        });

    [Fact]
    public Task Timers_fire() => server.RunAsync(
        options => options.AddWorkflow<Sleeping>(),
        async taskQueue => (await server.Client.ExecuteWorkflowAsync((Sleeping w) => w.RunAsync(50), LocalServer.Start(taskQueue))).ShouldBeGreaterThanOrEqualTo(50));

    [Fact]
    public Task Worker_without_cache_replays_every_task() => server.RunAsync(
        options =>
        {
            options.MaxCachedWorkflows = 0;
            options.AddWorkflow<Counter>();
        },
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Counter w) => w.RunAsync(3), LocalServer.Start(taskQueue));
            for (var i = 1; i <= 3; i++)
            {
                await handle.SignalAsync(w => w.AddAsync(1));
                (await handle.QueryAsync(w => w.Total)).ShouldBe(i);
            }

            (await handle.GetResultAsync()).ShouldBe(3);
        });

    [Fact]
    public Task Many_workflows_run_at_once_through_a_small_cache() => server.RunAsync(
        options =>
        {
            options.MaxCachedWorkflows = 3;
            options.AddWorkflow<Greeting>().AddWorkflow<Counter>().AddAllActivities(new Greeter());
        },
        async taskQueue =>
        {
            var counters = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Client.StartWorkflowAsync((Counter w) => w.RunAsync(2), LocalServer.Start(taskQueue))));
            var greetings = Enumerable.Range(0, 40).Select(i => server.Client.ExecuteWorkflowAsync((Greeting w) => w.RunAsync($"{i}"), LocalServer.Start(taskQueue))).ToArray();
            await Task.WhenAll(counters.Select(async handle =>
            {
                await handle.SignalAsync(w => w.AddAsync(1));
                (await handle.QueryAsync(w => w.Total)).ShouldBe(1);
                await handle.SignalAsync(w => w.AddAsync(1));
                (await handle.GetResultAsync()).ShouldBe(2);
            }));
            (await Task.WhenAll(greetings)).ShouldBe(Enumerable.Range(0, 40).Select(i => $"Hello, {i}!"));
        });

    [Workflow]
    public class Greeting
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Workflow.ExecuteActivityAsync(
            (Greeter a) => a.Greet(name), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
    }

    public class Greeter
    {
        [Activity]
        public string Greet(string name) => $"Hello, {name}!";

        [Activity]
        public Task RefuseAsync() => throw new ApplicationFailureException("refused", "Refused", nonRetryable: true);
    }

    [Workflow]
    public class Counter
    {
        [WorkflowQuery]
        public int Total { get; private set; }

        [WorkflowQuery]
        public int TotalPlus(int more) => Total + more;

        [WorkflowSignal]
        public Task AddAsync(int value)
        {
            Total += value;
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task<int> RunAsync(int until)
        {
            await Workflow.WaitConditionAsync(() => Total >= until);
            return Total;
        }
    }

    [Workflow]
    public class Failing
    {
        [WorkflowRun]
        public Task RunAsync() => throw new ApplicationFailureException("no luck", "NoLuck");
    }

    [Workflow]
    public class FailingActivity
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync((Greeter a) => a.RefuseAsync(), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
    }

    [Workflow]
    public class Endless
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(() => false);
    }

    [Workflow]
    public class Sleeping
    {
        [WorkflowRun]
        public async Task<double> RunAsync(int milliseconds)
        {
            var before = Workflow.UtcNow;
            await Workflow.DelayAsync(milliseconds);
            return (Workflow.UtcNow - before).TotalMilliseconds;
        }
    }
}
