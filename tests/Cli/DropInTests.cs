using System.Net;
using System.Net.Sockets;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Testing;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Onramp.Cli.Tests;

/// <summary>Test environments of the official SDK, started with our program where they would download one.</summary>
public sealed class DropInTests(PublishedProgram published) : IClassFixture<PublishedProgram>
{
    private const string TaskQueue = "drop-in";

    /// <summary>SDKs give a program five seconds to answer, which is several times what ours takes; but not on a machine that runs other tests at the same time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SearchAttributeKey<string> Customer = SearchAttributeKey.CreateKeyword("Customer");

    [Fact]
    public async Task It_is_the_dev_server_of_the_sdk()
    {
        await using var environment = await WorkflowEnvironment.StartLocalAsync(new()
        {
            Namespace = "team",
            SearchAttributes = [Customer],
            DevServerOptions = new() { ExistingPath = published.Path, StartupTimeout = Patience },
        });

        var result = await RunAsync(environment, async () =>
        {
            var handle = await environment.Client.StartWorkflowAsync(
                (Greeting w) => w.RunAsync("Ada"), new(id: "greeting", taskQueue: TaskQueue) { TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(Customer, "acme").ToSearchAttributeCollection() });
            return await handle.GetResultAsync();
        });

        result.ShouldBe("Hello, Ada");
    }

    [Fact]
    public async Task What_it_keeps_in_a_file_is_there_the_next_time()
    {
        var folder = Directory.CreateTempSubdirectory("onramp-drop-in-");
        var options = new WorkflowEnvironmentStartLocalOptions
        {
            UI = true,
            DevServerOptions = new() { ExistingPath = published.Path, StartupTimeout = Patience, DatabaseFilename = Path.Combine(folder.FullName, "dev.db"), LogFormat = "json", LogLevel = "error" },
        };
        await using (var first = await WorkflowEnvironment.StartLocalAsync(options))
        {
            await first.Client.StartWorkflowAsync((Greeting w) => w.RunAsync("Ada"), new(id: "kept", taskQueue: TaskQueue));
        }

        await using var second = await WorkflowEnvironment.StartLocalAsync(options);
        var kept = await second.Client.GetWorkflowHandle("kept").DescribeAsync();

        kept.Status.ShouldBe(WorkflowExecutionStatus.Running);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_takes_every_option_that_sdks_pass_in_each_form()
    {
        await using var environment = await WorkflowEnvironment.StartLocalAsync(new()
        {
            Namespace = "team",
            UI = true,
            DevServerOptions = new()
            {
                ExistingPath = published.Path, StartupTimeout = Patience, LogFormat = "pretty", LogLevel = "warn",
                ExtraArgs = ["--dynamic-config-value", "frontend.enableUpdateWorkflowExecution=true", "--dynamic-config-value=limit.historyCount.suggestContinueAsNew=50", "-n", "other", "--namespace=third", "--search-attribute", "Customer=Keyword", "--search-attribute=Amount=Int"],
            },
        });

        var namespaces = await environment.Client.WorkflowService.ListNamespacesAsync(new() { PageSize = 10 });

        namespaces.Namespaces.Select(found => found.NamespaceInfo.Name).Order(StringComparer.Ordinal).ShouldBe(["default", "other", "team", "temporal-system", "third"]);
    }

    [Fact]
    public async Task It_starts_where_the_port_that_the_web_ui_would_have_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port - 1000;

        await using var environment = await WorkflowEnvironment.StartLocalAsync(new()
        {
            TargetHost = $"127.0.0.1:{port}",
            UI = true,
            DevServerOptions = new() { ExistingPath = published.Path, StartupTimeout = Patience },
        });

        (await environment.Client.Connection.CheckHealthAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task It_is_the_test_server_of_the_sdk_and_waits_for_no_timer()
    {
        await using var environment = await StartTimeSkippingAsync();
        var before = await environment.GetCurrentTimeAsync();

        await RunAsync(environment, () => environment.Client.ExecuteWorkflowAsync((Patient w) => w.RunAsync(TimeSpan.FromDays(365)), new(id: "patient", taskQueue: TaskQueue)));

        (await environment.GetCurrentTimeAsync() - before).ShouldBeInRange(TimeSpan.FromDays(365), TimeSpan.FromDays(365) + Patience);
    }

    [Fact]
    public async Task Time_is_not_skipped_while_an_activity_is_at_work()
    {
        await using var environment = await StartTimeSkippingAsync();

        var timedOut = await RunAsync(environment, () => environment.Client.ExecuteWorkflowAsync((Racing w) => w.RunAsync(), new(id: "racing", taskQueue: TaskQueue)));

        timedOut.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1_500, "activity")]
    [InlineData(500, "timer")]
    public async Task An_activity_may_sleep_through_the_environment(int timerHours, string expected)
    {
        await using var environment = await StartTimeSkippingAsync();

        var winner = await RunAsync(environment, () => environment.Client.ExecuteWorkflowAsync((SleepingRace w) => w.RunAsync(TimeSpan.FromHours(timerHours)), new(id: "sleeping", taskQueue: TaskQueue)));

        winner.ShouldBe(expected);
    }

    [Fact]
    public async Task Retries_that_wait_for_days_come_at_once()
    {
        await using var environment = await StartTimeSkippingAsync();

        var attempts = await RunAsync(environment, () => environment.Client.ExecuteWorkflowAsync((Stubborn w) => w.RunAsync(), new(id: "stubborn", taskQueue: TaskQueue)));

        attempts.ShouldBe(4);
    }

    [Fact]
    public async Task Several_results_are_waited_for_at_the_same_time()
    {
        await using var environment = await StartTimeSkippingAsync();

        await RunAsync(environment, async () =>
        {
            var runs = Enumerable.Range(1, 5).Select(days =>
                environment.Client.ExecuteWorkflowAsync((Patient w) => w.RunAsync(TimeSpan.FromDays(days)), new(id: $"patient-{days}", taskQueue: TaskQueue)));
            await Task.WhenAll(runs);
            return true;
        });

        // All who unlocked have locked again.
        var before = await environment.GetCurrentTimeAsync();
        (await environment.GetCurrentTimeAsync() - before).ShouldBeLessThan(Patience);
    }

    [Fact]
    public async Task A_delay_of_the_environment_lets_what_is_due_meanwhile_happen()
    {
        await using var environment = await StartTimeSkippingAsync();

        var done = await RunAsync(environment, async () =>
        {
            var handle = await environment.Client.StartWorkflowAsync((Patient w) => w.RunAsync(TimeSpan.FromDays(2)), new(id: "patient", taskQueue: TaskQueue));
            var early = (await handle.DescribeAsync()).Status;
            await environment.DelayAsync(TimeSpan.FromDays(3));
            return (early, late: (await handle.DescribeAsync()).Status);
        });

        done.ShouldBe((WorkflowExecutionStatus.Running, WorkflowExecutionStatus.Completed));
    }

    private Task<WorkflowEnvironment> StartTimeSkippingAsync() =>
        WorkflowEnvironment.StartTimeSkippingAsync(new() { TestServer = new() { ExistingPath = published.Path, StartupTimeout = Patience } });

    private static async Task<T> RunAsync<T>(WorkflowEnvironment environment, Func<Task<T>> body)
    {
        var options = new TemporalWorkerOptions(TaskQueue).AddWorkflow<Greeting>().AddWorkflow<Patient>().AddWorkflow<Racing>().AddWorkflow<Stubborn>().AddWorkflow<SleepingRace>()
            .AddAllActivities(new Work()).AddAllActivities(new Sleeper(environment));
        using var worker = new TemporalWorker(environment.Client, options);
        using var limit = new CancellationTokenSource(Patience);
        return await worker.ExecuteAsync(body, limit.Token);
    }

    private static ActivityOptions For(TimeSpan span) => new() { StartToCloseTimeout = span };

    public sealed class Work
    {
        [Activity]
        public string Greet(string name) => $"Hello, {name}";

        [Activity]
        public int Attempt() => ActivityExecutionContext.Current.Info.Attempt is > 3 and var attempt ? attempt : throw new InvalidOperationException("not yet");

        /// <summary>Long enough that time which skips would be noticed.</summary>
        [Activity]
        public Task WorkAsync() => Task.Delay(TimeSpan.FromMilliseconds(500), ActivityExecutionContext.Current.CancellationToken);
    }

    public sealed class Sleeper(WorkflowEnvironment environment)
    {
        [Activity]
        public Task SleepAsync(TimeSpan span) => environment.DelayAsync(span, ActivityExecutionContext.Current.CancellationToken);
    }

    [Workflow]
    public sealed class Greeting
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Workflow.ExecuteActivityAsync((Work w) => w.Greet(name), For(TimeSpan.FromMinutes(1)));
    }

    [Workflow]
    public sealed class Patient
    {
        [WorkflowRun]
        public async Task<bool> RunAsync(TimeSpan span)
        {
            await Workflow.DelayAsync(span);
            return true;
        }
    }

    /// <summary>Whether a timer of an hour was faster than an activity of half a second.</summary>
    [Workflow]
    public sealed class Racing
    {
        [WorkflowRun]
        public async Task<bool> RunAsync()
        {
            var timer = Workflow.DelayAsync(TimeSpan.FromHours(1));
            var work = Workflow.ExecuteActivityAsync((Work w) => w.WorkAsync(), For(TimeSpan.FromHours(2)));
            return await Workflow.WhenAnyAsync(timer, work) == timer;
        }
    }

    /// <summary>What came first: a timer, or an activity that sleeps for 1,000 hours. Both are waited for.</summary>
    [Workflow]
    public sealed class SleepingRace
    {
        [WorkflowRun]
        public async Task<string> RunAsync(TimeSpan timer)
        {
            var first = "";
            await Workflow.WhenAllAsync(
                EndAsync(Workflow.DelayAsync(timer), "timer"),
                EndAsync(Workflow.ExecuteActivityAsync((Sleeper s) => s.SleepAsync(TimeSpan.FromHours(1_000)), For(TimeSpan.FromHours(2_000))), "activity"));
            return first;

            async Task EndAsync(Task task, string name)
            {
                await task;
                first = first.Length > 0 ? first : name;
            }
        }
    }

    [Workflow]
    public sealed class Stubborn
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Workflow.ExecuteActivityAsync((Work w) => w.Attempt(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { InitialInterval = TimeSpan.FromDays(7) } });
    }
}
