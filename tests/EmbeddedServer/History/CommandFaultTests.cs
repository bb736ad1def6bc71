using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Commands that can't be carried out: which fault is told, how, and what becomes of the run.</summary>
public sealed class CommandFaultTests
{
    private static readonly string TooLong = new('x', 1_100);
    private static readonly NamespaceRef Other = new("5ca1ab1e-0000-4000-8000-000000000002", "other");
    private static readonly Duration Twisted = new() { Seconds = 1, Nanos = -1 };

    public static TheoryData<string, Command> Faults => new()
    {
        { "BadScheduleActivityAttributes: missing task queue name", Activity("", a => a.TaskQueue.Name = "") },
        { "BadScheduleActivityAttributes: taskQueue length exceeds limit", Activity("a", a => a.TaskQueue.Name = TooLong) },
        { "BadScheduleActivityAttributes: activityType is not set", Activity(TooLong, a => a.ActivityType = null) },
        {
            "BadScheduleActivityAttributes: MaximumAttempts cannot be negative on retry policy.",
            Activity(TooLong, a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = -1 })
        },
        { "BadScheduleActivityAttributes: invalid priorities: priority key can't be negative", Activity("a", a => a.Priority = new Priority { PriorityKey = -1 }) },
        {
            "BadScheduleActivityAttributes: invalid HeartbeatTimeout: duration has seconds and nanos with different signs",
            Activity("a", a => a.HeartbeatTimeout = Twisted)
        },
        { "BadRequestCancelActivityAttributes: ScheduledEventId is not set on RequestCancelActivityTaskCommand.", CancelActivity(-1) },
        {
            "BadRequestCancelExternalWorkflowExecutionAttributes: Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand. "
                + "WorkflowId=other RunId=none Namespace=",
            CancelOther("other", "none")
        },
        {
            $"BadContinueAsNewAttributes: WorkflowType on ContinueAsNewWorkflowExecutionCommand exceeds length limit. WorkflowType={TooLong} Length=1100 Limit=1000",
            Again(a => a.WorkflowType = new WorkflowType { Name = TooLong })
        },
        {
            "BadContinueAsNewAttributes: error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: task queue name cannot start with reserved prefix "
                + "/_sys/. WorkflowType=Order TaskQueue=name:\"/_sys/q\"  kind:TASK_QUEUE_KIND_NORMAL",
            Again(a => a.TaskQueue = new() { Name = "/_sys/q" })
        },
        {
            "BadContinueAsNewAttributes: invalid WorkflowRetryPolicy on ContinueAsNewWorkflowExecutionCommand: MaximumAttempts cannot be negative on retry policy.. "
                + "WorkflowType=Order TaskQueue=name:\"orders\"  kind:TASK_QUEUE_KIND_NORMAL",
            Again(a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = -1 })
        },
        {
            "BadSearchAttributes: Namespace default has no mapping defined for search attribute Nothing",
            Again(a => a.SearchAttributes = new SearchAttributes { IndexedFields = { ["Nothing"] = World.Text("x").Payloads_[0] } })
        },
        {
            "BadScheduleActivityAttributes: cannot use internal per-namespace task queue:temporal-sys-per-ns-tq (in parent component task queue: orders)",
            Activity("a", a => a.TaskQueue.Name = "temporal-sys-per-ns-tq")
        },
        { "BadScheduleActivityAttributes: Activity with UseCompatibleVersion cannot run on different task queue.", Activity("a", a => a.UseWorkflowBuildId = true) },
        { "BadUpdateWorkflowExecutionMessage: MessageID is not set on ProtocolMessageCommand.", new Command { CommandType = CommandType.ProtocolMessage, ProtocolMessageCommandAttributes = new() } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task The_first_fault_of_a_command_is_told_as_the_reference_does(string message, Command command)
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, command));

        refused.Message.ShouldBe(message);
    }

#pragma warning disable CS0612 // Old fields that are still taken.
    public static TheoryData<string, Command> OldFaults => new()
    {
        {
            "BadStartChildExecutionAttributes: StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.",
            Child("part", c => c.InheritBuildId = true)
        },
        {
            "BadContinueAsNewAttributes: ContinueAsNew with UseCompatibleVersion cannot run on different task queue.",
            Again(a => (a.TaskQueue, a.InheritBuildId) = (new() { Name = "others" }, true))
        },
        { "BadStartChildExecutionAttributes: cross namespace commands are not allowed", Child("part", c => c.Namespace = Other.Name) },
        { "BadSignalWorkflowExecutionAttributes: cross namespace commands are not allowed", Signal(new WorkflowExecution { WorkflowId = "other" }, Other.Name) },
        { "BadSignalWorkflowExecutionAttributes: Execution is not set on SignalExternalWorkflowExecutionCommand.", Signal(target: null, Other.Name) },
        { "Namespace nowhere is not found.", Signal(target: null, "nowhere") },
        {
            "BadRequestCancelExternalWorkflowExecutionAttributes: cross namespace commands are not allowed",
            new Command
            {
                CommandType = CommandType.RequestCancelExternalWorkflowExecution,
                RequestCancelExternalWorkflowExecutionCommandAttributes = new() { WorkflowId = "other", Namespace = Other.Name },
            }
        },
    };

    private static Command Signal(WorkflowExecution? target, string ns) => new()
    {
        CommandType = CommandType.SignalExternalWorkflowExecution,
        SignalExternalWorkflowExecutionCommandAttributes = new() { Execution = target, SignalName = "s", Namespace = ns },
    };
#pragma warning restore CS0612

    [Theory]
    [MemberData(nameof(OldFaults))]
    public async Task A_command_does_not_reach_another_namespace_or_build(string message, Command command)
    {
        await using var world = World.Create();
        await world.Store.WriteNamespaceAsync(new(Other.Id, Other.Name, [], new Dictionary<string, IndexedValueType>()));
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, command));

        refused.Message.ShouldBe(message);
    }

    [Fact]
    public async Task An_activity_of_the_same_build_is_recorded_as_one()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Activity("a", a => (a.TaskQueue.Name, a.UseWorkflowBuildId) = ("orders", true)));

#pragma warning disable CS0612 // It is old, and still recorded.
        (await world.EventsAsync())[4].ActivityTaskScheduledEventAttributes.UseWorkflowBuildId.ShouldBeTrue();
#pragma warning restore CS0612
    }

    [Fact]
    public async Task A_run_whose_search_attributes_become_too_large_is_terminated()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        var large = new Payload { Metadata = { ["encoding"] = Google.Protobuf.ByteString.CopyFromUtf8("json/plain") }, Data = Google.Protobuf.ByteString.CopyFromUtf8($"\"{new string('x', 2_047)}\"") };

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, new Command
        {
            CommandType = CommandType.UpsertWorkflowSearchAttributes,
            UpsertWorkflowSearchAttributesCommandAttributes = new() { SearchAttributes = new SearchAttributes { IndexedFields = { ["BatcherUser"] = large } } },
        }));

        refused.Message.ShouldBe("BadSearchAttributes: search attribute BatcherUser value size 2049 exceeds size limit 2048");
        (await world.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionTerminated);
    }

    [Fact]
    public async Task A_timer_lasts_no_longer_than_a_hundred_years()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), new Command
        {
            CommandType = CommandType.StartTimer,
            StartTimerCommandAttributes = new() { TimerId = "t", StartToFireTimeout = new Duration { Seconds = 200L * 365 * 86_400, Nanos = 1 } },
        });

        (await world.EventsAsync())[4].TimerStartedEventAttributes.StartToFireTimeout.ShouldBe(new Duration { Seconds = 100L * 365 * 86_400 });
    }

    [Fact]
    public async Task A_run_that_goes_on_lasts_no_longer_than_its_chain()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowExecutionTimeout = Seconds(60));

        await world.CompleteAsync(await world.PollAsync(), Again(a => a.WorkflowRunTimeout = Seconds(3_600)));

        (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes.WorkflowRunTimeout.ShouldBe(Seconds(60));
    }

    private static Command Again(Action<ContinueAsNewWorkflowExecutionCommandAttributes> change)
    {
        var attributes = new ContinueAsNewWorkflowExecutionCommandAttributes();
        change(attributes);
        return new Command { CommandType = CommandType.ContinueAsNewWorkflowExecution, ContinueAsNewWorkflowExecutionCommandAttributes = attributes };
    }

    private static Command CancelOther(string workflowId, string runId) => new()
    {
        CommandType = CommandType.RequestCancelExternalWorkflowExecution,
        RequestCancelExternalWorkflowExecutionCommandAttributes = new() { WorkflowId = workflowId, RunId = runId },
    };
}
