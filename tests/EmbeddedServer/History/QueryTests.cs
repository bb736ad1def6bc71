using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Queries: by themselves, with a workflow task, and when there is nobody to answer.</summary>
public sealed class QueryTests
{
    [Fact]
    public async Task An_idle_workflow_is_asked_directly()
    {
        await using var world = await IdleAsync();

        var asking = AskAsync(world);
        var task = await PollQueryAsync(world);
        await world.Engine.Queries.CompleteAsync(World.Namespace, new RespondQueryTaskCompletedRequest
        {
            TaskToken = task.TaskToken,
            CompletedType = QueryResultType.Answered,
            QueryResult = World.Text("fine"),
        });

        (await asking).QueryResult.ShouldBe(World.Text("fine"));
        task.Query.QueryType.ShouldBe("state");
        task.StartedEventId.ShouldBe(0);
        task.History.Events.Count.ShouldBe(5);
        (await world.EventsAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_refused_query_says_why()
    {
        await using var world = await IdleAsync();

        var asking = AskAsync(world);
        await world.Engine.Queries.CompleteAsync(World.Namespace, new RespondQueryTaskCompletedRequest
        {
            TaskToken = (await PollQueryAsync(world)).TaskToken,
            CompletedType = QueryResultType.Failed,
            ErrorMessage = "no such query",
        });

        var refusal = await Should.ThrowAsync<RefusalException>(() => asking);
        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
        refusal.Message.ShouldBe("no such query");
        refusal.Detail.ShouldBeOfType<QueryFailedFailure>();
    }

    [Fact]
    public async Task While_a_task_waits_the_query_travels_with_it()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("news");

        var asking = AskAsync(world);
        var task = await world.PollAsync();
        var (id, query) = task.Queries.ShouldHaveSingleItem();
        await world.CompleteAsync(task, r => r.QueryResults[id] = new WorkflowQueryResult { ResultType = QueryResultType.Answered, Answer = World.Text("seen") });

        query.QueryType.ShouldBe("state");
        (await asking).QueryResult.ShouldBe(World.Text("seen"));
    }

    [Fact]
    public async Task One_that_came_during_a_task_travels_alone_when_no_other_follows()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("news");
        var task = await world.PollAsync();
        var asking = AskAsync(world);

        await world.CompleteAsync(task);

        asking.IsCompleted.ShouldBeFalse();
        (await PollQueryAsync(world)).Query.QueryType.ShouldBe("state");
    }

    [Fact]
    public async Task A_closed_workflow_answers_unless_it_was_not_wanted_to()
    {
        await using var world = await IdleAsync();
        await world.TerminateAsync();

        var rejected = await AskAsync(world, QueryRejectCondition.NotOpen);
        var asking = AskAsync(world);

        rejected.QueryRejected.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        (await PollQueryAsync(world)).History.Events.Count.ShouldBe(6);
        asking.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_did_not_reach_its_worker_is_offered_again()
    {
        await using var world = await IdleAsync();
        _ = AskAsync(world);

        await world.Engine.WorkflowTasks.AbandonAsync(World.Namespace, await PollQueryAsync(world));

        (await PollQueryAsync(world)).Query.QueryType.ShouldBe("state");
    }

    [Fact]
    public async Task Nobody_answers_in_time()
    {
        await using var world = await IdleAsync();
        using var deadline = new CancellationTokenSource();

        var asking = AskAsync(world, cancellation: deadline.Token);
        var task = world.Tasks.TakeQuery()!;
        await deadline.CancelAsync();

        (await Should.ThrowAsync<RefusalException>(() => asking)).Kind.ShouldBe(RefusalKind.DeadlineExceeded);
        (await world.Engine.Queries.StartAsync(World.Namespace, task, new PollWorkflowTaskQueueRequest())).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_waits_for_a_task_travels_alone_when_the_run_outgrows_its_history()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumHistoryEvents = 10 });
        await world.SignalAsync("news");
        var asking = AskAsync(world);

        foreach (var signal in new[] { "more", "and more", "enough", "too much" })
        {
            await world.SignalAsync(signal);
        }

        await Should.ThrowAsync<RefusalException>(() => world.SignalAsync("one more"));

        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        (await PollQueryAsync(world)).Query.QueryType.ShouldBe("state");
        asking.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_asks_a_run_that_is_deleted_meanwhile_is_told_so_at_once()
    {
        await using var world = await IdleAsync();
        var asking = AskAsync(world);

        await world.Engine.Requests.DeleteAsync(World.Namespace, new() { WorkflowExecution = new() { WorkflowId = "order" } });

        (await Should.ThrowAsync<RefusalException>(() => asking)).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task Two_of_one_run_travel_one_after_the_other()
    {
        await using var world = await IdleAsync();
        _ = AskAsync(world);
        var first = await PollQueryAsync(world);
        var second = AskAsync(world);
        world.Tasks.TakeQuery().ShouldBeNull();

        await AnswerAsync(world, first);
        await AnswerAsync(world, await world.Tasks.NextQueryAsync());

        (await second).QueryResult.ShouldBe(World.Text("fine"));
    }

    [Fact]
    public async Task One_whose_asker_has_gone_holds_up_no_other()
    {
        await using var world = await IdleAsync();
        using var gone = new CancellationTokenSource();
        var first = AskAsync(world, cancellation: gone.Token);
        await PollQueryAsync(world);
        var second = AskAsync(world);

        await gone.CancelAsync();
        await Should.ThrowAsync<RefusalException>(() => first);
        await AnswerAsync(world, await world.Tasks.NextQueryAsync());

        (await second).QueryResult.ShouldBe(World.Text("fine"));
    }

    [Fact]
    public async Task One_whose_asker_has_gone_is_offered_to_nobody()
    {
        await using var world = await IdleAsync();
        using var gone = new CancellationTokenSource();
        var asking = AskAsync(world, cancellation: gone.Token);
        await world.DescribeAsync();

        await gone.CancelAsync();
        await Should.ThrowAsync<RefusalException>(() => asking);

        world.Tasks.TakeQuery().ShouldBeNull();
    }

    [Fact]
    public async Task One_that_its_worker_took_and_forgot_is_offered_to_any_after_a_while()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky, Timer("t", 3600));
        using var deadline = new CancellationTokenSource();
        var asking = AskAsync(world, cancellation: deadline.Token);
        (await PollQueryAsync(world)).History.Events.ShouldBeEmpty();

        await world.PassAsync(TimeSpan.FromSeconds(10));
        var again = await world.Tasks.NextQueryAsync();
        await AnswerAsync(world, again);

        again.Queue.ShouldBe("orders");
        (await asking).QueryResult.ShouldBe(World.Text("fine"));
    }

    [Fact]
    public async Task A_query_waits_for_the_first_task_of_a_run_that_is_to_start_before_its_caller_gives_up()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.WorkflowStartDelay = Seconds(5));
        var asking = AskAsync(world, patience: TimeSpan.FromSeconds(10));
        await world.SignalAsync("early");

        await world.PassAsync(TimeSpan.FromSeconds(5));

        (await world.PollAsync()).Queries.Values.ShouldHaveSingleItem().QueryType.ShouldBe("state");
        world.Tasks.TakeQuery().ShouldBeNull();
        asking.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_that_starts_later_than_the_caller_waits_is_not_ready()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.WorkflowStartDelay = Seconds(5));

        var refused = await Should.ThrowAsync<RefusalException>(() => AskAsync(world, patience: TimeSpan.FromSeconds(4)));

        refused.Message.ShouldBe("Workflow task is not scheduled yet.");
    }

    [Fact]
    public async Task A_query_that_waits_for_the_first_task_hears_that_there_will_be_none()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var asking = AskAsync(world);

        await world.TerminateAsync();

        (await Should.ThrowAsync<RefusalException>(() => asking)).Message.ShouldBe("Workflow execution closed before WorkflowTaskStarted event");
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_none()
    {
        await using var world = await IdleAsync();
        var asking = AskAsync(world);

        await world.Engine.Queries.CompleteAsync(World.Namespace, new RespondQueryTaskCompletedRequest
        {
            TaskToken = (await PollQueryAsync(world)).TaskToken,
            CompletedType = QueryResultType.Answered,
            QueryResult = World.Text(new string('x', 2 * 1024 * 1024)),
        });

        var refused = await Should.ThrowAsync<RefusalException>(() => asking);
        refused.Message.ShouldBe("Blob data size exceeds limit.");
        refused.Detail.ShouldBeOfType<QueryFailedFailure>();
    }

    [Fact]
    public async Task Nor_is_one_that_came_with_a_task()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var asking = AskAsync(world);
        var task = await world.PollAsync();

        await world.CompleteAsync(task, request => request.QueryResults[task.Queries.Keys.Single()] = new WorkflowQueryResult
        {
            ResultType = QueryResultType.Answered,
            Answer = World.Text(new string('x', 2 * 1024 * 1024)),
        });

        (await Should.ThrowAsync<RefusalException>(() => asking)).Detail.ShouldBeNull();
    }

    private static async Task<World> IdleAsync(HistoryEngineOptions? options = null)
    {
        var world = World.Create(options);
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 3600));
        return world;
    }

    private static Task<QueryWorkflowResponse> AskAsync(
        World world, QueryRejectCondition condition = QueryRejectCondition.None, CancellationToken cancellation = default, TimeSpan? patience = null) =>
        world.Engine.Queries.QueryAsync(
            World.Namespace,
            new QueryWorkflowRequest
            {
                Execution = new WorkflowExecution { WorkflowId = "order" },
                Query = new WorkflowQuery { QueryType = "state" },
                QueryRejectCondition = condition,
            },
            deadline: cancellation.CanBeCanceled || patience is not null ? world.Clock.GetUtcNow() + (patience ?? TimeSpan.FromHours(1)) : null,
            cancellation);

    private static Task<PollWorkflowTaskQueueResponse> PollQueryAsync(World world) =>
        PollQueryAsync(world, world.Tasks.TakeQuery() ?? throw new InvalidOperationException("no query was offered"));

    private static async Task<PollWorkflowTaskQueueResponse> PollQueryAsync(World world, QueryTask task) =>
        (await world.Engine.Queries.StartAsync(World.Namespace, task, new PollWorkflowTaskQueueRequest { TaskQueue = new() { Name = task.Queue } }))!;

    private static async Task AnswerAsync(World world, QueryTask task) => await AnswerAsync(world, await PollQueryAsync(world, task));

    private static Task AnswerAsync(World world, PollWorkflowTaskQueueResponse task) => world.Engine.Queries.CompleteAsync(World.Namespace, new RespondQueryTaskCompletedRequest
    {
        TaskToken = task.TaskToken,
        CompletedType = QueryResultType.Answered,
        QueryResult = World.Text("fine"),
    });
}
