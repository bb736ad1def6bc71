using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Tests.Schedules;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.Storage.Formats;

/// <summary>
/// Writes the data file that later versions of the server have to open: open runs in every state that is stored differently. To keep the
/// current format: <c>dotnet run --project tests/EmbeddedServer write-format tests/EmbeddedServer/Storage/Formats/schema-N.db</c>; a file that
/// was kept is never written again.
/// </summary>
internal static class FormatFile
{
    public const string WaitingActivity = "waiting-activity";
    public const string StartedActivity = "started-activity";
    public const string BackingOffActivity = "backing-off-activity";
    public const string Timer = "timer";
    public const string Signalled = "signalled";
    public const string StickyTask = "sticky-task";
    public const string DelayedStart = "delayed-start";
    public const string RetriedRun = "retried-run";
    public const string ExternalSignal = "external-signal";
    public const string Target = "target";
    public const string Parent = "parent";
    public const string RunningChild = "running-child";
    public const string ParentOfUnstarted = "parent-of-unstarted";
    public const string UnstartedChild = "unstarted-child";
    public const string Closed = "closed";
    public const string Batch = "batch";
    public const string LimitedQueue = "limited";

    /// <summary>Beside the data file: the token of the started activity, as its worker has it.</summary>
    public static string TokenFile(string dataFile) => Path.ChangeExtension(dataFile, ".token.txt");

    public static async Task WriteAsync(string path)
    {
        await using var world = World.Create(dataFile: path);
        await world.Store.WriteNamespaceAsync(new NamespaceRow(
            World.Namespace.Id, World.Namespace.Name,
            new DescribeNamespaceResponse { NamespaceInfo = new() { Id = World.Namespace.Id, Name = World.Namespace.Name } }.ToByteArray(),
            new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword }));
        await world.Store.WriteTaskQueueConfigAsync(new TaskQueueConfigRow(
            World.Namespace.Id, LimitedQueue, TaskKind.Activity, new TaskQueueConfig { QueueRateLimit = new() { RateLimit = new() { RequestsPerSecond = 5 } } }.ToByteArray()));
        await WriteActivitiesAsync(world, path);
        await WriteTasksAsync(world);
        await WriteScheduleAsync(world);
        await WriteBatchAsync(world);
        await WriteRunsAsync(world);
    }

    /// <summary>One workflow of the schedule runs, and another action waits for its end.</summary>
    private static async Task WriteScheduleAsync(World world)
    {
        var book = new ScheduleBook(world);
        await book.CreateAsync(ScheduleBook.Hourly(schedule => schedule.Policies.OverlapPolicy = ScheduleOverlapPolicy.BufferAll));
        await book.TriggerAsync();
        await book.TriggerAsync();
    }

    /// <summary>A batch operation that has two workflows in line.</summary>
    private static Task WriteBatchAsync(World world) => world.Store.WriteBatchAsync(new BatchWrite
    {
        Key = new BatchKey(World.Namespace.Id, Batch),
        Definition = new StoredBatchDefinition
        {
            NamespaceName = World.Namespace.Name,
            StartedAt = world.Clock.GetUtcNow().UtcTicks,
            Request = new StartBatchOperationRequest { JobId = Batch, Reason = "tidying up", VisibilityQuery = "WorkflowType = 'Order'", CancellationOperation = new() }.ToByteString(),
        }.ToByteArray(),
        Progress = new StoredBatchProgress { State = (int)BatchOperationState.Running, IsCollected = true, TotalCount = 3, CompleteCount = 1 }.ToByteArray(),
        IsRunning = true,
        Added = [(Target, ""), (Signalled, "")],
    });

    private static async Task WriteActivitiesAsync(World world, string path)
    {
        await StartAsync(world, BackingOffActivity, Activity("a", a => a.RetryPolicy = new RetryPolicy { InitialInterval = Seconds(600) }));
        await world.FailActivityAsync(await world.PollActivityAsync());

        await StartAsync(world, StartedActivity, Activity("a", a => a.HeartbeatTimeout = Seconds(3000)));
        var started = await world.PollActivityAsync();
        await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = started.TaskToken, Details = World.Text("half") });
        await File.WriteAllTextAsync(TokenFile(path), started.TaskToken.ToBase64());

        await StartAsync(world, WaitingActivity, Activity("a", a =>
        {
            a.TaskQueue.Name = "slow";
            a.Priority = new Priority { PriorityKey = 2 };
        }));
    }

    private static async Task WriteTasksAsync(World world)
    {
        await StartAsync(world, Timer, Commands.Timer("t", 3600));

        await world.StartAsync(StickyTask);
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky, Marker("m"));
        await world.SignalAsync("wake", StickyTask);

        await world.StartAsync(Signalled);
        await world.PollAsync("orders");
        await world.SignalAsync("first", Signalled, requestId: "request-1");
        await world.SignalAsync("second", Signalled);
    }

    private static async Task WriteRunsAsync(World world)
    {
        await world.StartAsync(DelayedStart, start =>
        {
            start.WorkflowStartDelay = Seconds(1800);
            start.WorkflowExecutionTimeout = Seconds(100_000);
            start.Memo = new Memo { Fields = { ["note"] = World.Text("by hand").Payloads_[0] } };
            start.SearchAttributes = new SearchAttributes { IndexedFields = { ["Team"] = World.Text("payments").Payloads_[0] } };
            start.UserMetadata = new UserMetadata { Summary = World.Text("waits").Payloads_[0] };
            start.Priority = new Priority { PriorityKey = 1 };
        });

        await world.StartAsync(RetriedRun, start => start.RetryPolicy = new RetryPolicy { InitialInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(900)) });
        await world.CompleteAsync(await world.PollAsync("orders"), Fail());

        await world.StartAsync(Target);
        await world.CompleteAsync(await world.PollAsync("orders"), Marker("ready"));
        await StartAsync(world, Closed, Complete());

        await world.StartAsync(Parent, start => start.TaskQueue.Name = "parents");
        await world.CompleteAsync(await world.PollAsync("parents"), Child(RunningChild));
        await world.SettleAsync();

        // From here on messages stay in their inboxes.
        world.Store.HoldsMail = _ => true;
        await StartAsync(world, ParentOfUnstarted, Child(UnstartedChild));
        await StartAsync(world, ExternalSignal, SignalOther(Target, "hello"));
    }

    private static async Task StartAsync(World world, string workflowId, Temporalio.Api.Command.V1.Command command)
    {
        await world.StartAsync(workflowId);
        await world.CompleteAsync(await world.PollAsync("orders"), command);
    }
}
