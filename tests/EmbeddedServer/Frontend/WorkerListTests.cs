using Google.Protobuf;
using Onramp.EmbeddedServer.Frontend.Workers;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Worker.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>The list of workers that said something of themselves.</summary>
public sealed class WorkerListTests
{
    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended()
    {
        await using var server = await WithWorkersAsync("a", "b", "c");
        var first = await ListAsync(server, request => request.PageSize = 2);

        var second = await ListAsync(server, request => request.NextPageToken = first.NextPageToken);

        second.Workers.Select(worker => worker.WorkerInstanceKey).ShouldBe(["c"]);
        second.NextPageToken.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_worker_said_last_is_told_beside_the_short_form()
    {
        await using var server = await WithWorkersAsync("a");

        var list = await ListAsync(server, _ => { });

#pragma warning disable CS0612 // Both forms are told.
        list.WorkersInfo.ShouldHaveSingleItem().WorkerHeartbeat.WorkerInstanceKey.ShouldBe(list.Workers.ShouldHaveSingleItem().WorkerInstanceKey);
#pragma warning restore CS0612
    }

    [Fact]
    public async Task A_page_may_be_as_large_as_can_be_asked_for()
    {
        await using var server = await WithWorkersAsync("a", "b");
        (await ListAsync(server, request => request.PageSize = int.MaxValue)).Workers.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_that_is_none_is_refused()
    {
        await using var server = await WithWorkersAsync("a");

        var refused = await Should.ThrowAsync<RefusalException>(() => ListAsync(server, request => request.NextPageToken = ByteString.CopyFromUtf8("b")));

        refused.Message.ShouldBe("invalid next_page_token");
    }

    [Theory]
    [InlineData(WorkerStatus.ShuttingDown, 1)]
    [InlineData(WorkerStatus.Shutdown, 0)]
    public async Task A_worker_that_is_shut_down_is_listed_until_it_says_so_itself(WorkerStatus last, int listed)
    {
        await using var server = await WithWorkersAsync("a");

        await server.CallAsync<ShutdownWorkerResponse>(new ShutdownWorkerRequest
        {
            Namespace = ServerFixture.Namespace, WorkerHeartbeat = new WorkerHeartbeat { WorkerInstanceKey = "a", Status = last },
        });

        (await ListAsync(server, _ => { })).Workers.Count(worker => worker.Status == last).ShouldBe(listed);
    }

    [Fact]
    public async Task What_workers_say_in_a_poll_for_Nexus_tasks_is_listed()
    {
        await using var server = await ServerFixture.StartAsync();

        _ = server.CallAsync<PollNexusTaskQueueResponse>(
            new PollNexusTaskQueueRequest
            {
                Namespace = ServerFixture.Namespace,
                TaskQueue = new() { Name = ServerFixture.Queue },
                WorkerHeartbeat = { new WorkerHeartbeat { WorkerInstanceKey = "a" } },
            },
            server.PollContext());

        (await ListAsync(server, _ => { })).Workers.ShouldHaveSingleItem().WorkerInstanceKey.ShouldBe("a");
    }

    [Theory]
    [InlineData("WorkerStatus = 'Running'", 1)]
    [InlineData("Status = 'Running'", 1)]
    [InlineData("HeartbeatTime > '2026-01-01T00:00:00Z'", 1)]
    [InlineData("HeartbeatTime BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-02T00:00:00Z'", 0)]
    [InlineData("HeartbeatTime > 1780000000000000000", 0)]
    [InlineData("HeartbeatTime = 1780000000000000000", 1)]
    [InlineData("(TaskQueue = 'orders')", 1)]
    [InlineData("StartTime IS NULL", 1)]
    [InlineData("StartTime < '2026-01-01T00:00:00Z'", 1)]
    [InlineData("TaskQueue STARTS_WITH 'or'", 1)]
    [InlineData("TaskQueue = ''", 0)]
    [InlineData("HostName IS NULL AND TaskQueue != 'other'", 1)]
    [InlineData("TaskQueue > 'a'", 0)]
    [InlineData("TaskQueue IN ('orders')", 0)]
    [InlineData("NOT TaskQueue = 'other'", 0)]
    [InlineData("Unknown = 'x' OR TaskQueue = 'orders'", 0)]
    [InlineData("TaskQueue = 'orders' OR Unknown = 'x'", 1)]
    public async Task A_question_about_workers_has_a_part_of_the_language(string query, long count)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RecordWorkerHeartbeatResponse>(new RecordWorkerHeartbeatRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkerHeartbeat =
            {
                new WorkerHeartbeat
                {
                    WorkerInstanceKey = "a",
                    TaskQueue = "orders",
                    Status = WorkerStatus.Running,
                    HeartbeatTime = new() { Seconds = 1_780_000_000 },
                },
            },
        });

        var counted = await server.CallAsync<CountWorkersResponse>(new CountWorkersRequest { Namespace = ServerFixture.Namespace, Query = query });

        counted.Count.ShouldBe(count);
    }

    [Fact]
    public void What_workers_say_is_kept_up_to_so_many_bytes_and_those_silent_for_longest_are_forgotten()
    {
        var clock = new Matching.ManualClock();
        var workers = new WorkerRegistry(clock, maximumBytes: 100_000);
        for (var worker = 0; worker < 50; worker++)
        {
            workers.Record("ns", [new WorkerHeartbeat { WorkerInstanceKey = $"{worker:D2}", WorkerIdentity = new string('x', 1_000) }]);
            workers.Record("ns", [new WorkerHeartbeat { WorkerInstanceKey = "00" }]);
        }

        var kept = workers.List("ns").Select(worker => worker.WorkerInstanceKey).ToList();
        kept.Count.ShouldBeInRange(20, 30);
        kept.ShouldBe(Enumerable.Range(0, 50).Select(worker => $"{worker:D2}").TakeLast(kept.Count - 1).Prepend("00"));
    }

    [Fact]
    public void A_worker_that_was_silent_for_five_minutes_is_forgotten()
    {
        var clock = new Matching.ManualClock();
        var workers = new WorkerRegistry(clock);
        workers.Record("ns", [new WorkerHeartbeat { WorkerInstanceKey = "a" }]);

        clock.Advance(TimeSpan.FromMinutes(5));

        workers.List("ns").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_key_of_a_worker_that_is_shut_down_may_be_so_long()
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(new ShutdownWorkerRequest { Namespace = ServerFixture.Namespace, WorkerInstanceKey = new string('x', 1_001) });

        refusal.Message.ShouldBe("WorkerInstanceKey length exceeds limit.");
    }

    private static async Task<ServerFixture> WithWorkersAsync(params string[] keys)
    {
        var server = await ServerFixture.StartAsync();
        await server.CallAsync<RecordWorkerHeartbeatResponse>(new RecordWorkerHeartbeatRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkerHeartbeat = { keys.Select(key => new WorkerHeartbeat { WorkerInstanceKey = key }) },
        });
        return server;
    }

    private static Task<ListWorkersResponse> ListAsync(ServerFixture server, Action<ListWorkersRequest> change)
    {
        var request = new ListWorkersRequest { Namespace = ServerFixture.Namespace };
        change(request);
        return server.CallAsync<ListWorkersResponse>(request);
    }
}
