using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Temporal.Tests.Client;

public class ClientTests(LocalServer server) : IClassFixture<LocalServer>
{
    private ITemporalClient Client => server.Client;

    [Fact]
    public Task A_workflow_is_started_by_lambda_and_by_name() => RunAsync(async taskQueue =>
    {
        (await Client.ExecuteWorkflowAsync((GreetWorkflow w) => w.RunAsync("lambda"), LocalServer.Start(taskQueue))).ShouldBe("Hello, lambda!");
        (await Client.ExecuteWorkflowAsync<string>("GreetWorkflow", ["name"], LocalServer.Start(taskQueue))).ShouldBe("Hello, name!");
    });

    [Fact]
    public async Task A_taken_id_is_told_with_the_run_that_has_it()
    {
        var options = LocalServer.Start("nobody-polls");
        var handle = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options);

        var conflict = await Should.ThrowAsync<WorkflowAlreadyStartedException>(
            () => Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options));

        conflict.WorkflowId.ShouldBe(options.Id);
        conflict.WorkflowType.ShouldBe("WaitingWorkflow");
        conflict.RunId.ShouldBe(handle.ResultRunId);
        var same = await Client.StartWorkflowAsync(
            (WaitingWorkflow w) => w.RunAsync(), new(options.Id!, options.TaskQueue!) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
        same.ResultRunId.ShouldBe(handle.ResultRunId);
    }

    [Fact]
    public Task Signals_and_queries_reach_the_workflow() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));

        await handle.SignalAsync(w => w.AddAsync("one"));
        await handle.SignalAsync("Add", ["two"]);

        (await handle.QueryAsync(w => w.Count)).ShouldBe(2);
        (await handle.QueryAsync(w => w.At(1))).ShouldBe("two");
        (await handle.QueryAsync<string>("At", [0])).ShouldBe("one");
        await handle.SignalAsync(w => w.ReleaseNowAsync());
        (await handle.GetResultAsync()).ShouldBe("one,two");
        (await handle.QueryAsync(w => w.Count)).ShouldBe(2, "a closed workflow answers too");
    });

    [Fact]
    public Task A_failed_query_says_why() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));

        var failed = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync(w => w.At(5)));
        var unknown = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<string>("Missing", []));

        failed.Message.ShouldContain("Index was out of range");
        unknown.Message.ShouldContain("Missing");
        await handle.TerminateAsync();
    });

    [Fact]
    public Task A_query_is_rejected_by_status() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("x"), LocalServer.Start(taskQueue));
        await handle.GetResultAsync();

        var rejected = await Should.ThrowAsync<WorkflowQueryRejectedException>(
            () => handle.QueryAsync<string>("any", [], new() { RejectCondition = QueryRejectCondition.NotOpen }));

        rejected.WorkflowStatus.ShouldBe(WorkflowExecutionStatus.Completed);
    });

    [Fact]
    public Task A_signal_with_start_starts_once() => RunAsync(async taskQueue =>
    {
        var options = LocalServer.Start(taskQueue);
        options.SignalWithStart((WaitingWorkflow w) => w.AddAsync("with start"));
        var first = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options);
        var second = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options);

        second.ResultRunId.ShouldBe(first.ResultRunId);
        await first.SignalAsync(w => w.ReleaseNowAsync());
        (await second.GetResultAsync()).ShouldBe("with start,with start");
    });

    [Fact]
    public Task A_result_follows_the_runs_that_continue() => RunAsync(async taskQueue =>
    {
        var options = LocalServer.Start(taskQueue);
        options.RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(1) };
        var handle = await Client.StartWorkflowAsync((SecondAttemptWorkflow w) => w.RunAsync(), options);

        (await handle.GetResultAsync()).ShouldBe(2);
        var first = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync(followRuns: false));
        first.InnerException!.Message.ShouldBe("not yet");
    });

    [Fact]
    public Task A_failure_comes_with_all_it_was_raised_with() => RunAsync(async taskQueue =>
    {
        var failed = await Should.ThrowAsync<WorkflowFailedException>(
            () => Client.ExecuteWorkflowAsync((FailingWorkflow w) => w.RunAsync("broken"), LocalServer.Start(taskQueue)));

        var failure = failed.InnerException.ShouldBeOfType<ApplicationFailureException>();
        failure.Message.ShouldBe("broken");
        failure.ErrorType.ShouldBe("Odd");
        failure.Details.ElementAt<int>(0).ShouldBe(7);
        failure.InnerException!.Message.ShouldBe("the cause");
    });

    [Fact]
    public Task Cancelling_and_terminating_end_a_workflow() => RunAsync(async taskQueue =>
    {
        var cancelled = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));
        var terminated = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), LocalServer.Start(taskQueue));

        await cancelled.CancelAsync();
        await terminated.TerminateAsync("enough", new() { Details = ["because"] });

        (await Should.ThrowAsync<WorkflowFailedException>(() => cancelled.GetResultAsync())).InnerException.ShouldBeOfType<CanceledFailureException>();
        var failure = (await Should.ThrowAsync<WorkflowFailedException>(() => terminated.GetResultAsync())).InnerException.ShouldBeOfType<TerminatedFailureException>();
        failure.Message.ShouldBe("enough");
        failure.Details!.ElementAt<string>(0).ShouldBe("because");
    });

    [Fact]
    public async Task A_description_shows_what_was_given_at_the_start()
    {
        var options = LocalServer.Start("nobody-polls");
        options.Memo = new Dictionary<string, object> { ["note"] = "remember" };
        options.StaticSummary = "in short";
        options.StaticDetails = "at length";
        options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(LocalServer.SearchAttributes.Number, 5).ToSearchAttributeCollection();
        var handle = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options);

        var description = await handle.DescribeAsync();

        description.Id.ShouldBe(options.Id);
        description.RunId.ShouldBe(handle.ResultRunId);
        description.WorkflowType.ShouldBe("WaitingWorkflow");
        description.TaskQueue.ShouldBe("nobody-polls");
        description.Status.ShouldBe(WorkflowExecutionStatus.Running);
        description.CloseTime.ShouldBeNull();
        description.ParentId.ShouldBeNull();
        (await description.Memo["note"].ToValueAsync<string>()).ShouldBe("remember");
        description.TypedSearchAttributes.Get(LocalServer.SearchAttributes.Number).ShouldBe(5);
        (await description.GetStaticSummaryAsync()).ShouldBe("in short");
        (await description.GetStaticDetailsAsync()).ShouldBe("at length");
    }

    [Fact]
    public async Task Lists_go_over_pages_and_stop_at_the_limit()
    {
        var group = $"g{Guid.NewGuid():N}";
        var ids = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var options = LocalServer.Start("nobody-polls");
            options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(LocalServer.SearchAttributes.Keyword, group).ToSearchAttributeCollection();
            await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), options);
            ids.Add(options.Id!);
        }

        var query = $"TestKeyword = '{group}'";
        var listed = await Client.ListWorkflowsAsync(query).Select(w => w.Id).ToListAsync();
        var limited = await Client.ListWorkflowsAsync(query, new() { Limit = 3 }).CountAsync();
        var first = await Client.ListWorkflowsPaginatedAsync(query, null, new() { PageSize = 2 });
        var second = await Client.ListWorkflowsPaginatedAsync(query, first.NextPageToken, new() { PageSize = 2 });
        var count = await Client.CountWorkflowsAsync(query);

        listed.Order().ShouldBe(ids.Order());
        limited.ShouldBe(3);
        first.Workflows.Concat(second.Workflows).Select(w => w.Id).Distinct().Count().ShouldBe(4);
        count.Count.ShouldBe(5);
    }

    [Fact]
    public Task A_history_is_fetched_event_by_event() => RunAsync(async taskQueue =>
    {
        var handle = await Client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("history"), LocalServer.Start(taskQueue));
        await handle.GetResultAsync();

        var history = await handle.FetchHistoryAsync();
        var waited = await handle.FetchHistoryEventsAsync(new() { WaitNewEvent = true }).Select(e => e.EventId).ToListAsync();

        history.Events.Select(e => e.EventType).ShouldBe(
        [
            EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted,
            EventType.WorkflowTaskCompleted, EventType.WorkflowExecutionCompleted,
        ]);
        waited.ShouldBe(history.Events.Select(e => e.EventId));
    });

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var handle = Client.GetWorkflowHandle("no such workflow");

        var failures = await Task.WhenAll(
            Should.ThrowAsync<RpcException>(() => handle.SignalAsync("any", [])),
            Should.ThrowAsync<RpcException>(() => handle.DescribeAsync()),
            Should.ThrowAsync<RpcException>(() => handle.CancelAsync()),
            Should.ThrowAsync<RpcException>(() => handle.GetResultAsync()));

        failures.ShouldAllBe(f => f.Code == RpcException.StatusCode.NotFound);
    }

    [Fact]
    public async Task A_call_ends_with_its_token_or_its_time()
    {
        var handle = await Client.StartWorkflowAsync((WaitingWorkflow w) => w.RunAsync(), LocalServer.Start("nobody-polls"));
        using var cancel = new CancellationTokenSource();

        var result = handle.GetResultAsync(rpcOptions: new() { CancellationToken = cancel.Token });
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => result);
        var late = await Should.ThrowAsync<RpcException>(() => handle.QueryAsync<int>("Count", [], new() { Rpc = new() { Timeout = TimeSpan.FromMilliseconds(200), Retry = false } }));
        // Core's own clock often ends the call first, and says so with this code.
        late.Code.ShouldBeOneOf(RpcException.StatusCode.DeadlineExceeded, RpcException.StatusCode.Cancelled);
    }

    private Task RunAsync(Func<string, Task> body) => server.RunAsync(
        o => o.AddWorkflow<GreetWorkflow>().AddWorkflow<WaitingWorkflow>().AddWorkflow<SecondAttemptWorkflow>().AddWorkflow<FailingWorkflow>(), body);
}
