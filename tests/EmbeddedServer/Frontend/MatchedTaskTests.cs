using Onramp.EmbeddedServer.History;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>A task that matching has handed out, and that could not be started or answered with, is not lost.</summary>
public sealed class MatchedTaskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>So that every start reads from the store.</summary>
    private static HistoryEngineOptions Uncached => new() { CacheBytes = 0, CachedEventBytes = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_workflow_task_goes_to_the_next_poll(int failingRead)
    {
        await using var server = await ServerFixture.StartAsync(Uncached);
        await server.StartWorkflowAsync();

        await FailAsync(server, failingRead, () => server.PollAsync());

        (await server.PollAsync().WaitAsync(Patience)).WorkflowExecution.WorkflowId.ShouldBe("wf");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_activity_task_goes_to_the_next_poll(int failingRead)
    {
        await using var server = await ServerFixture.StartAsync(Uncached);
        await server.StartWorkflowAsync();
        await CompleteAsync(server, await server.PollAsync(), Activity());

        await FailAsync(server, failingRead, () => PollActivityAsync(server));

        (await PollActivityAsync(server).WaitAsync(Patience)).ActivityId.ShouldBe("charge");
    }

    [Fact]
    public async Task A_query_goes_to_the_next_poll()
    {
        await using var server = await ServerFixture.StartAsync(Uncached);
        await server.StartWorkflowAsync();
        await CompleteAsync(server, await server.PollAsync());
        using var asker = new CancellationTokenSource();
        var query = server.CallAsync<QueryWorkflowResponse>(
            new QueryWorkflowRequest
            {
                Namespace = ServerFixture.Namespace,
                Execution = new WorkflowExecution { WorkflowId = "wf" },
                Query = new() { QueryType = "state" },
            },
            server.Context(cancellationToken: asker.Token));

        await FailAsync(server, 1, () => server.PollAsync());

        (await server.PollAsync().WaitAsync(Patience)).Query.QueryType.ShouldBe("state");
        await asker.CancelAsync();
        await Should.ThrowAsync<RefusalException>(() => query);
    }

    /// <summary>The first read of a start finds the run, the second its history for the answer, once the start is committed.</summary>
    private static async Task FailAsync(ServerFixture server, int failingRead, Func<Task> poll)
    {
        server.HistoryStore.GoodReads = failingRead - 1;
        server.HistoryStore.FailingReads = 1;
        await Should.ThrowAsync<Exception>(() => poll().WaitAsync(Patience));
        server.HistoryStore.FailingReads.ShouldBe(0);
    }

    private static Command Activity() => new()
    {
        CommandType = CommandType.ScheduleActivityTask,
        ScheduleActivityTaskCommandAttributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = "charge",
            ActivityType = new ActivityType { Name = "Charge" },
            TaskQueue = new() { Name = ServerFixture.Queue },
            StartToCloseTimeout = new() { Seconds = 60 },
        },
    };

    private static Task CompleteAsync(ServerFixture server, PollWorkflowTaskQueueResponse task, params Command[] commands) =>
        server.CallAsync<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = ServerFixture.Namespace,
            TaskToken = task.TaskToken,
            Identity = "worker",
            Commands = { commands },
        });

    private static Task<PollActivityTaskQueueResponse> PollActivityAsync(ServerFixture server) =>
        server.CallAsync<PollActivityTaskQueueResponse>(
            new PollActivityTaskQueueRequest
            {
                Namespace = ServerFixture.Namespace,
                TaskQueue = new() { Name = ServerFixture.Queue },
                Identity = "worker",
            },
            server.PollContext());
}
