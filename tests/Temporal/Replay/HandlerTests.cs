using Temporalio.Api.Sdk.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Signals, queries and the order in which things happen.</summary>
public class HandlerTests
{
    [Fact]
    public async Task Signals_from_before_the_first_task_are_handled_before_the_main_routine()
    {
        var run = new SimulatedRun(typeof(Order), ["argument"]);
        run.Server.Signal("note", "early");
        await run.RunTaskAsync();
        (await AskAsync<string[]>(run, "Notes")).ShouldBe(["constructed with argument", "early", "main"]);
    }

    [Fact]
    public async Task Handlers_set_at_run_time_get_what_came_before()
    {
        var run = new SimulatedRun(typeof(Order), ["argument"]);
        run.Server.Signal("late", "first");
        run.Server.Signal("unknown", "second");
        await run.RunTaskAsync();
        run.Server.Signal("note", "set handlers");
        await run.RunTaskAsync();
        (await AskAsync<string[]>(run, "Notes")).ShouldBe(
            ["constructed with argument", "main", "set handlers", "late: first", "unknown by name: second"]);
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Signal_that_cannot_be_decoded_is_dropped()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        run.Server.Signal("add", "not a number");
        run.Server.Signal("add", 2);
        await run.RunTaskAsync();
        (await AskAsync<int>(run, "Total")).ShouldBe(2);
    }

    [Fact]
    public async Task Failure_in_a_signal_handler_fails_the_workflow()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        run.Server.Signal("fail");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionFailed as asked");
    }

    [Fact]
    public async Task Bug_in_a_signal_handler_fails_the_task()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        run.Server.Signal("break");
        (await run.RunFailingTaskAsync()).ShouldBeOfType<DivideByZeroException>();
    }

    [Fact]
    public async Task Bug_in_the_main_routine_fails_the_task_unless_its_type_fails_the_workflow()
    {
        var run = new SimulatedRun(typeof(Buggy));
        (await run.RunFailingTaskAsync()).ShouldBeOfType<KeyNotFoundException>();
        run = new SimulatedRun(typeof(Buggy), configure: settings => settings with { FailureExceptionTypes = [typeof(KeyNotFoundException)] });
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionFailed a bug");
    }

    [Fact]
    public async Task Queries_change_nothing_and_tell_what_is_known()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        await run.RunTaskAsync();
        (await AskAsync<int>(run, "TotalPlus", 3)).ShouldBe(3);
        (await run.QueryAsync("Unknown")).Failure!.Message.ShouldBe(
            "Query handler for Unknown expected but not found, known queries: [Fails, SideEffect, Total, TotalPlus]");
        (await run.QueryAsync("Fails")).Failure!.Message.ShouldBe("no answer");
        (await run.QueryAsync("SideEffect")).Failure.ShouldBeOfType<InvalidOperationException>();
        run.Server.Signal("add", 1);
        (await run.RunTaskAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_workflow_describes_itself()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        await run.RunTaskAsync();
        var metadata = await AskAsync<WorkflowMetadata>(run, "__temporal_workflow_metadata");
        metadata.CurrentDetails.ShouldBe("counting");
        metadata.Definition.Type.ShouldBe("CountsSignals");
        metadata.Definition.SignalDefinitions.Select(signal => $"{signal.Name}: {signal.Description}").ShouldBe(["add: Adds", "break: ", "fail: "]);
        metadata.Definition.QueryDefinitions.Select(query => query.Name).ShouldBe(["Fails", "SideEffect", "Total", "TotalPlus"]);
    }

    [Fact]
    public async Task Stack_trace_tells_where_the_code_waits_if_that_is_noted()
    {
        var run = new SimulatedRun(typeof(CountsSignals));
        await run.RunTaskAsync();
        (await run.QueryAsync("__stack_trace")).Failure.ShouldNotBeNull();
        run = new SimulatedRun(typeof(CountsSignals), configure: settings => settings with { StackTrace = Temporalio.Worker.WorkflowStackTrace.Normal });
        await run.RunTaskAsync();
        (await AskAsync<string>(run, "__stack_trace")).ShouldContain(nameof(CountsSignals.RunAsync));
    }

    [Fact]
    public async Task Dynamic_workflow_takes_any_type_and_raw_values()
    {
        var run = new SimulatedRun(typeof(AnyType), [1, "two"]);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"AnyType: 1, \\u0022two\\u0022\"");
    }

    [Fact]
    public async Task Missing_arguments_take_their_defaults_and_surplus_ones_are_ignored()
    {
        var run = new SimulatedRun(typeof(Defaults), ["a"]);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"a 7\"");
        run = new SimulatedRun(typeof(Defaults), ["a", 1, "surplus"]);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"a 1\"");
        run = new SimulatedRun(typeof(Defaults));
        (await run.RunFailingTaskAsync()).Message.ShouldBe("Workflow Defaults given 0 parameter(s), but more than that are required by the signature");
    }

    private static async Task<T> AskAsync<T>(SimulatedRun run, string query, params object?[] args)
    {
        var answer = await run.QueryAsync(query, args);
        answer.Failure.ShouldBeNull();
        return DataConverter.Default.PayloadConverter.ToValue<T>(answer.Result!)!;
    }

    [Workflow]
    public class Order
    {
        private readonly List<string> notes = [];

        [WorkflowInit]
        public Order(string argument) => notes.Add($"constructed with {argument}");

        [WorkflowQuery]
        public IReadOnlyCollection<string> Notes => notes;

        [WorkflowSignal("note")]
        public Task NoteAsync(string text)
        {
            notes.Add(text);
            if (text == "set handlers")
            {
                Workflow.Signals["late"] = WorkflowSignalDefinition.CreateWithoutAttribute("late", (string value) =>
                {
                    notes.Add($"late: {value}");
                    return Task.CompletedTask;
                });
                Workflow.DynamicSignal = WorkflowSignalDefinition.CreateWithoutAttribute(null, (string name, IRawValue[] values) =>
                {
                    notes.Add($"{name} by name: {Workflow.PayloadConverter.ToValue<string>(values.Single())}");
                    return Task.CompletedTask;
                });
            }

            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task RunAsync(string argument)
        {
            notes.Add("main");
            await Workflow.WaitConditionAsync(() => argument.Length == 0);
        }
    }

    [Workflow]
    public class CountsSignals
    {
        [WorkflowQuery]
        public int Total { get; private set; }

        [WorkflowQuery]
        public int TotalPlus(int more) => Total + more;

        [WorkflowQuery]
        public int Fails() => throw new ApplicationFailureException("no answer");

        [WorkflowQuery]
        public int SideEffect()
        {
            Workflow.UpsertMemo(MemoUpdate.ValueSet("key", "value"));
            return 0;
        }

        [WorkflowSignal("add", Description = "Adds")]
        public Task AddAsync(int value)
        {
            Total += value;
            return Task.CompletedTask;
        }

        [WorkflowSignal("fail")]
        public Task FailAsync() => throw new ApplicationFailureException("as asked");

        [WorkflowSignal("break")]
        public Task BreakAsync()
        {
            Total /= Total;
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task RunAsync()
        {
            Workflow.CurrentDetails = "counting";
            await Workflow.WaitConditionAsync(() => Total > 1000);
        }
    }

    [Workflow]
    public class Buggy
    {
        [WorkflowRun]
        public Task RunAsync() => throw new KeyNotFoundException("a bug");
    }

    [Workflow(Dynamic = true)]
    public class AnyType
    {
        [WorkflowRun]
        public Task<string> RunAsync(IRawValue[] args) =>
            Task.FromResult($"{Workflow.Info.WorkflowType}: {string.Join(", ", args.Select(arg => arg.Payload.Data.ToStringUtf8()))}");
    }

    [Workflow]
    public class Defaults
    {
        [WorkflowRun]
        public Task<string> RunAsync(string text, int number = 7) => Task.FromResult($"{text} {number}");
    }
}
