using Google.Protobuf;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Tests.Schedules;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.Storage.Formats;

/// <summary>Data files that earlier versions wrote open, and what was under way in them goes on to its end.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-format-");

    /// <summary>Every file that was ever kept.</summary>
    public static TheoryData<string> Files => [.. Kept()];

    /// <summary>Those before knew no batch operations.</summary>
    public static TheoryData<string> FilesWithBatches => [.. Kept().Except(["schema-1.db", "schema-2.db", "schema-3.db"])];

    /// <summary>Those before forgot what was configured of task queues.</summary>
    public static TheoryData<string> FilesWithConfigs => [.. Kept().Except(Enumerable.Range(1, 6).Select(version => $"schema-{version}.db"))];

    /// <summary>The first versions knew no schedules.</summary>
    public static TheoryData<string> FilesWithSchedules => [.. Kept().Except(["schema-1.db", "schema-2.db"])];

    private static string KeptFolder => Path.Combine(AppContext.BaseDirectory, "Storage", "Formats");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_waiting_activity_is_handed_out_and_its_run_completes(string file)
    {
        await using var world = await OpenAsync(file);

        await world.CompleteActivityAsync(await PollActivityAsync(world, FormatFile.WaitingActivity));
        await FinishAsync(world, FormatFile.WaitingActivity);

        (await world.HistoryAsync(FormatFile.WaitingActivity)).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 ActivityTaskScheduled a
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            9 WorkflowTaskStarted
            10 WorkflowTaskCompleted
            11 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_token_of_a_started_activity_still_answers(string file)
    {
        await using var world = await OpenAsync(file);
        var activity = (await world.DescribeAsync(FormatFile.StartedActivity)).PendingActivities.ShouldHaveSingleItem();
        activity.HeartbeatDetails.ShouldBe(World.Text("half"));
        activity.State.ShouldBe(PendingActivityState.Started);

        var token = await File.ReadAllTextAsync(FormatFile.TokenFile(Path.Combine(KeptFolder, file)));
        await world.CompleteActivityAsync(new PollActivityTaskQueueResponse { TaskToken = ByteString.FromBase64(token) });
        await FinishAsync(world, FormatFile.StartedActivity);

        (await world.EventsAsync(FormatFile.StartedActivity)).Skip(5).Show().ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            9 WorkflowTaskStarted
            10 WorkflowTaskCompleted
            11 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_activity_that_backs_off_is_tried_again_when_it_is_due(string file)
    {
        await using var world = await OpenAsync(file);
        var activity = (await world.DescribeAsync(FormatFile.BackingOffActivity)).PendingActivities.ShouldHaveSingleItem();
        activity.LastFailure.Message.ShouldBe("no luck");

        await world.PassAsync(TimeSpan.FromSeconds(600));
        var second = await PollActivityAsync(world, FormatFile.BackingOffActivity);
        second.Attempt.ShouldBe(2);
        await world.CompleteActivityAsync(second);
        await FinishAsync(world, FormatFile.BackingOffActivity);

        (await world.EventsAsync(FormatFile.BackingOffActivity))[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_timer_fires_at_its_time(string file)
    {
        await using var world = await OpenAsync(file);

        await world.PassAsync(TimeSpan.FromSeconds(3599));
        (await world.EventsAsync(FormatFile.Timer)).Count.ShouldBe(5);
        await world.PassAsync(TimeSpan.FromSeconds(1));
        await FinishAsync(world, FormatFile.Timer);

        (await world.EventsAsync(FormatFile.Timer)).Skip(4).Show().ShouldBe("""
            5 TimerStarted t
            6 TimerFired t
            7 WorkflowTaskScheduled
            8 WorkflowTaskStarted
            9 WorkflowTaskCompleted
            10 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Held_back_signals_enter_history_in_order_and_once(string file)
    {
        await using var world = await OpenAsync(file);

        await world.SignalAsync("first", FormatFile.Signalled, requestId: "request-1");
        await world.PassAsync(TimeSpan.FromSeconds(10));
        await FinishAsync(world, FormatFile.Signalled);

        (await world.EventsAsync(FormatFile.Signalled)).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskTimedOut StartToClose started=3
            5 WorkflowExecutionSignaled first
            6 WorkflowExecutionSignaled second
            7 WorkflowTaskScheduled
            8 WorkflowTaskStarted
            9 WorkflowTaskCompleted
            10 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_sticky_task_waits_for_its_worker(string file)
    {
        await using var world = await OpenAsync(file);

        await world.CompleteAsync(await world.PollAsync(World.Sticky), Complete());

        (await world.EventsAsync(FormatFile.StickyTask)).Skip(5).Show().ShouldBe("""
            6 WorkflowExecutionSignaled wake
            7 WorkflowTaskScheduled sticky
            8 WorkflowTaskStarted
            9 WorkflowTaskCompleted
            10 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_delayed_start_keeps_what_it_was_given_and_begins_when_it_is_due(string file)
    {
        await using var world = await OpenAsync(file);

        var before = await world.DescribeAsync(FormatFile.DelayedStart);
        await world.PassAsync(TimeSpan.FromSeconds(1800));
        await FinishAsync(world, FormatFile.DelayedStart);

        before.WorkflowExecutionInfo.Memo.Fields["note"].ShouldBe(World.Text("by hand").Payloads_[0]);
        before.WorkflowExecutionInfo.SearchAttributes.IndexedFields.Keys.ShouldBe(["Team"]);
        before.ExecutionConfig.UserMetadata.Summary.ShouldBe(World.Text("waits").Payloads_[0]);
        before.WorkflowExecutionInfo.Priority.PriorityKey.ShouldBe(1);
        before.WorkflowExtendedInfo.ExecutionExpirationTime.ShouldNotBeNull();
        (await world.EventsAsync(FormatFile.DelayedStart))[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_run_that_waits_to_be_tried_again_is(string file)
    {
        await using var world = await OpenAsync(file);

        await world.PassAsync(TimeSpan.FromSeconds(900));
        await FinishAsync(world, FormatFile.RetriedRun);

        (await world.HistoryAsync(FormatFile.RetriedRun)).ShouldBe("""
            1 WorkflowExecutionStarted attempt=2
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_signal_that_was_not_sent_yet_arrives(string file)
    {
        await using var world = await OpenAsync(file);

        await world.PassAsync(TimeSpan.Zero);

        (await world.EventsAsync(FormatFile.ExternalSignal)).Skip(4).Show().ShouldBe("""
            5 SignalExternalWorkflowExecutionInitiated
            6 ExternalWorkflowExecutionSignaled
            7 WorkflowTaskScheduled
            """);
        (await world.EventsAsync(FormatFile.Target)).Skip(5).Show().ShouldBe("""
            6 WorkflowExecutionSignaled hello
            7 WorkflowTaskScheduled
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_child_ends_and_its_parent_hears_of_it(string file)
    {
        await using var world = await OpenAsync(file);

        await FinishAsync(world, FormatFile.RunningChild, "parts");
        await world.SettleAsync();
        await FinishAsync(world, FormatFile.Parent, "parents");

        (await world.EventsAsync(FormatFile.Parent)).Skip(4).Show().ShouldBe("""
            5 StartChildWorkflowExecutionInitiated running-child
            6 ChildWorkflowExecutionStarted 5
            7 WorkflowTaskScheduled
            8 ChildWorkflowExecutionCompleted 5 started=6
            9 WorkflowTaskStarted
            10 WorkflowTaskCompleted
            11 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_child_that_was_not_started_yet_is(string file)
    {
        await using var world = await OpenAsync(file);

        await world.SettleAsync();
        await FinishAsync(world, FormatFile.UnstartedChild, "parts");

        (await world.EventsAsync(FormatFile.UnstartedChild))[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_closed_run_is_still_described(string file)
    {
        await using var world = await OpenAsync(file);

        (await world.DescribeAsync(FormatFile.Closed)).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
        world.Store.ReadNamespaces().ShouldHaveSingleItem().SearchAttributes.ShouldHaveSingleItem().Key.ShouldBe("Team");
    }

    [Theory]
    [MemberData(nameof(FilesWithSchedules))]
    public async Task A_schedule_goes_on(string file)
    {
        await using var world = await OpenAsync(file);
        var book = new ScheduleBook(world);

        await book.EndAsync();

        book.Info.RecentActions.Select(action => action.StartWorkflowStatus).ShouldBe([WorkflowExecutionStatus.Completed, WorkflowExecutionStatus.Running]);
        book.Info.FutureActionTimes.Count.ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(FilesWithBatches))]
    public async Task A_batch_operation_still_knows_what_is_left(string file)
    {
        await using var world = await OpenAsync(file);
        var key = world.Store.ReadRunningBatches().ShouldHaveSingleItem();

        var description = BatchState.Read(world.Store.FindBatch(key)!).Describe();

        description.OperationType.ShouldBe(BatchOperationType.CancelWorkflow);
        description.CompleteOperationCount.ShouldBe(1);
        world.Store.ReadBatchTargets(key, 10).Select(target => target.WorkflowId).ShouldBe([FormatFile.Target, FormatFile.Signalled]);
    }

    [Theory]
    [MemberData(nameof(FilesWithConfigs))]
    public async Task What_was_configured_of_a_task_queue_counts(string file)
    {
        await using var world = await OpenAsync(file);

        var row = world.Store.ReadTaskQueueConfigs().ShouldHaveSingleItem();

        (row.Queue, row.Kind).ShouldBe((FormatFile.LimitedQueue, TaskKind.Activity));
        TaskQueueConfig.Parser.ParseFrom(row.Data).QueueRateLimit.RateLimit.RequestsPerSecond.ShouldBe(5);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_runs_are_counted(string file)
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = Copy(file) });
        var visibility = new SqliteVisibility(store);

        var count = visibility.Count(World.Namespace.Id, World.Namespace.Name, "").Count;

        count.ShouldBe(visibility.List(World.Namespace.Id, World.Namespace.Name, "", 1000, ByteString.Empty).Executions.Count);
        count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_file_of_the_current_schema_is_kept() =>
        Kept().ShouldContain($"schema-{Schema.CurrentVersion}.db");

    private static IEnumerable<string> Kept() => Directory.GetFiles(KeptFolder, "*.db").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static async Task FinishAsync(World world, string workflowId, string queue = "orders")
    {
        while (true)
        {
            var task = await world.PollAsync(queue);
            if (task.WorkflowExecution.WorkflowId == workflowId)
            {
                await world.CompleteAsync(task, Complete());
                return;
            }
        }
    }

    private static async Task<PollActivityTaskQueueResponse> PollActivityAsync(World world, string workflowId)
    {
        while (true)
        {
            var task = await world.PollActivityAsync();
            if (task.WorkflowExecution.WorkflowId == workflowId)
            {
                return task;
            }
        }
    }

    private async Task<World> OpenAsync(string file)
    {
        var world = World.Create(dataFile: Copy(file));
        await world.RestartAsync();
        return world;
    }

    private string Copy(string file)
    {
        var copy = Path.Combine(folder.FullName, file);
        File.Copy(Path.Combine(KeptFolder, file), copy);
        return copy;
    }
}
