using Microsoft.Extensions.Logging;
using Temporalio.Exceptions;
using Temporalio.Worker.Instance;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Workflow code stays on its own scheduler, and sees time, randomness and logs of its own.</summary>
public class SchedulerTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("start new")]
    [InlineData("continue with")]
    public async Task Task_on_another_scheduler_fails_the_workflow_task(string how)
    {
        using var listening = WorkflowTracingEventListener.Listen();
        var run = new SimulatedRun(typeof(Straying), [how]);
        (await run.RunFailingTaskAsync()).ShouldBeOfType<InvalidWorkflowSchedulerException>()
            .StackTrace.ShouldNotBeNull().ShouldContain(nameof(Straying.RunAsync));
    }

    [Fact]
    public async Task Task_on_another_scheduler_is_let_through_where_that_is_asked_for()
    {
        using var listening = WorkflowTracingEventListener.Listen();
        var run = new SimulatedRun(typeof(Straying), ["allowed"]);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"allowed\"");
    }

    [Fact]
    public async Task Continuation_from_outside_fails_the_next_task()
    {
        var gate = new TaskCompletionSource();
        Straying.Outside = gate.Task;
        var run = new SimulatedRun(typeof(Straying), ["outside"]);
        await run.RunTaskAsync();
        gate.SetResult();
        run.Server.Signal("x");
        (await run.RunFailingTaskAsync()).ShouldBeOfType<InvalidWorkflowSchedulerException>();
    }

    [Fact]
    public async Task Time_stands_still_within_a_task_and_random_values_repeat()
    {
        var run = new SimulatedRun(typeof(Observing));
        await run.RunTaskAsync();
        run.Evict();
        run.Server.FireTimer("1");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"as before\"");
    }

    [Fact]
    public async Task Reset_changes_the_random_values_from_there_on()
    {
        var plain = new SimulatedRun(typeof(Observing));
        await plain.RunTaskAsync();
        plain.Server.StartTask();
        plain.Server.FailTask(Temporalio.Api.Enums.V1.WorkflowTaskFailedCause.ResetWorkflow, "d3c1ee39-f1e1-4e6f-8e3c-4a9f4ad7e0a1");
        plain.Server.FireTimer("1");
        await plain.RunTaskAsync();
        plain.Server.Text.ShouldContain("WorkflowExecutionCompleted");
        (await plain.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Logger_is_silent_on_replay_and_names_the_run()
    {
        var lines = new List<string>();
        var scopes = new List<object?>();
        using var factory = new ListLoggerFactory(lines, scopes);
        var run = new SimulatedRun(typeof(Logging), configure: settings => settings with { LoggerFactory = factory });
        await run.RunTaskAsync();
        run.Evict();
        run.Server.FireTimer("1");
        await run.RunTaskAsync();
        lines.ShouldBe(["before", "after"]);
        scopes.OfType<IReadOnlyDictionary<string, object>>().First()["WorkflowId"].ShouldBe("workflow");
    }

    [Fact]
    public void Outside_of_a_workflow_there_is_no_workflow()
    {
        Workflow.InWorkflow.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => Workflow.UtcNow).Message.ShouldBe("Not in workflow");
    }

    [Workflow]
    public class Straying
    {
        public static Task? Outside { get; set; }

        [WorkflowRun]
        public async Task<string> RunAsync(string how)
        {
            switch (how)
            {
                case "run":
                    await Task.Run(() => { });
                    break;
                case "start new":
                    await Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default);
                    break;
                case "continue with":
                    await Task.CompletedTask.ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
                case "allowed":
                    _ = Workflow.Unsafe.WithTracingEventListenerDisabled(() => Task.Run(() => { }));
                    break;
                case "outside":
                    await Outside!;
                    break;
            }

            return how;
        }
    }

    [Workflow]
    public class Observing
    {
        private static (DateTime Now, int Number, Guid Guid)? first;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            Workflow.InWorkflow.ShouldBeTrue();
            var seen = (Workflow.UtcNow, Workflow.Random.Next(), Workflow.NewGuid());
            seen.Item1.ShouldBe(Workflow.UtcNow);
            var repeated = first == seen;
            first = seen;
            await Workflow.DelayAsync(1000);
            Workflow.UtcNow.ShouldBeGreaterThan(seen.Item1);
            Workflow.NewGuid().ShouldNotBe(seen.Item3);
            return repeated ? "as before" : "different";
        }
    }

    [Workflow]
    public class Logging
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            Workflow.Logger.LogInformation("before");
            await Workflow.DelayAsync(1000);
            Workflow.Logger.LogInformation("after");
        }
    }

    private sealed class ListLoggerFactory(List<string> lines, List<object?> scopes) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            scopes.Add(state);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
