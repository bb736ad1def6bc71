using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Children that can't be started, or not as they were asked for.</summary>
public sealed class ChildStartTests
{
    [Fact]
    public async Task A_workflow_id_that_is_taken_is_reported()
    {
        await using var world = World.Create();
        await world.StartAsync("taken", r => r.TaskQueue.Name = "elsewhere");
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync("orders"), Child("taken"));
        await world.SettleAsync();

        (await world.EventsAsync()).Skip(4).Show().ShouldBe("""
            5 StartChildWorkflowExecutionInitiated taken
            6 StartChildWorkflowExecutionFailed 5 WorkflowAlreadyExists
            7 WorkflowTaskScheduled
            """);
        (await world.DescribeAsync()).PendingChildren.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(WorkflowIdReusePolicy.AllowDuplicate, EventType.ChildWorkflowExecutionStarted)]
    [InlineData(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, EventType.StartChildWorkflowExecutionFailed)]
    [InlineData(WorkflowIdReusePolicy.RejectDuplicate, EventType.StartChildWorkflowExecutionFailed)]
    public async Task The_reuse_policy_decides_about_an_id_that_was_used(WorkflowIdReusePolicy policy, EventType heard)
    {
        await using var world = World.Create();
        await world.StartAsync("used");
        await world.CompleteAsync(await world.PollAsync(), Complete());
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync("orders"), Child("used", c => c.WorkflowIdReusePolicy = policy));
        await world.SettleAsync();

        (await world.EventsAsync())[5].EventType.ShouldBe(heard);
    }

    [Fact]
    public async Task A_running_one_gives_way_if_it_is_told_to()
    {
        await using var world = World.Create();
        await world.StartAsync("running", r => r.TaskQueue.Name = "elsewhere");
        var before = (await world.DescribeAsync("running")).WorkflowExecutionInfo.Execution.RunId;
        await world.StartAsync();

#pragma warning disable CS0612 // The old way to say TERMINATE_EXISTING, which is the only one that children have.
        await world.CompleteAsync(await world.PollAsync("orders"), Child("running", c => c.WorkflowIdReusePolicy = WorkflowIdReusePolicy.TerminateIfRunning));
#pragma warning restore CS0612
        await world.SettleAsync();

        (await world.EventsAsync("running", before))[^1].EventType.ShouldBe(EventType.WorkflowExecutionTerminated);
        (await world.DescribeAsync("running")).WorkflowExecutionInfo.ParentExecution.WorkflowId.ShouldBe("order");
    }

    [Fact]
    public async Task A_namespace_that_is_deleted_meanwhile_is_reported()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();
        await world.Store.WriteNamespaceAsync(new(World.Namespace.Id, "default-deleted-5ca1a", [], new Dictionary<string, IndexedValueType>()));

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await world.EventsAsync())[5].StartChildWorkflowExecutionFailedEventAttributes.Cause.ShouldBe(StartChildWorkflowExecutionFailedCause.NamespaceNotFound);
    }

    [Fact]
    public async Task A_namespace_that_is_not_there_is_refused_at_once()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

#pragma warning disable CS0612 // The field is old and still taken.
        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Child("part", c => c.Namespace = "nowhere")));
#pragma warning restore CS0612

        refused.Kind.ShouldBe(RefusalKind.NotFound);
        refused.Message.ShouldBe("Namespace nowhere is not found.");
    }

    public static TheoryData<string, Action<StartChildWorkflowExecutionCommandAttributes>> Faults => new()
    {
        { "Required field WorkflowId is not set on StartChildWorkflowExecutionCommand. WorkflowType=Part Namespace=default", c => c.WorkflowId = "" },
        { "Required field WorkflowType is not set on StartChildWorkflowExecutionCommand. WorkflowId=part Namespace=default", c => c.WorkflowType = null },
        {
            "Invalid WorkflowRunTimeout on StartChildWorkflowExecutionCommand: negative duration. WorkflowId=part WorkflowType=Part Namespace=default",
            c => c.WorkflowRunTimeout = Seconds(-1)
        },
        {
            "invalid WorkflowRetryPolicy on StartChildWorkflowExecutionCommand: MaximumAttempts cannot be negative on retry policy.. "
                + "WorkflowId=part WorkflowType=Part Namespace=default",
            c => c.RetryPolicy = new RetryPolicy { MaximumAttempts = -1 }
        },
        {
            "invalid CronSchedule on StartChildWorkflowExecutionCommand: invalid CronSchedule.. WorkflowId=part WorkflowType=Part Namespace=default",
            c => c.CronSchedule = "now and then"
        },
        {
            "invalid TaskQueue on StartChildWorkflowExecutionCommand: task queue name cannot start with reserved prefix /_sys/. "
                + "WorkflowId=part WorkflowType=Part Namespace=default TaskQueue=name:\"/_sys/parts\"  kind:TASK_QUEUE_KIND_NORMAL",
            c => c.TaskQueue.Name = "/_sys/parts"
        },
        {
            "invalid CronSchedule on StartChildWorkflowExecutionCommand: invalid CronSchedule, no time can be found to satisfy the schedule. "
                + "WorkflowId=part WorkflowType=Part Namespace=default",
            c => c.CronSchedule = "0 0 31 2 *"
        },
        {
            "Invalid WorkflowTaskTimeout on StartChildWorkflowExecutionCommand: duration has seconds and nanos with different signs. "
                + "WorkflowId=part WorkflowType=Part Namespace=default",
            c => c.WorkflowTaskTimeout = new Google.Protobuf.WellKnownTypes.Duration { Seconds = 1, Nanos = -1 }
        },
        { "priority key can't be negative", c => c.Priority = new Priority { PriorityKey = -1 } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_faulty_command_fails_the_task(string reason, Action<StartChildWorkflowExecutionCommandAttributes> fault)
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Child("part", fault)));

        refused.Message.ShouldBe($"BadStartChildExecutionAttributes: {reason}");
        (await world.EventsAsync())[3].WorkflowTaskFailedEventAttributes.Cause.ShouldBe(WorkflowTaskFailedCause.BadStartChildExecutionAttributes);
    }

    [Fact]
    public async Task A_search_attribute_that_is_not_registered_fails_the_task()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        var unknown = new SearchAttributes { IndexedFields = { ["Nothing"] = World.Text("x").Payloads_[0] } };

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Child("part", c => c.SearchAttributes = unknown)));

        refused.Message.ShouldBe("BadSearchAttributes: Namespace default has no mapping defined for search attribute Nothing");
        (await world.EventsAsync())[3].WorkflowTaskFailedEventAttributes.Cause.ShouldBe(WorkflowTaskFailedCause.BadSearchAttributes);
    }

    [Fact]
    public async Task More_children_than_may_be_pending_fail_the_task()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumPendingChildren = 2 });
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Child("a"), Child("b"), Child("c")));
        await world.SettleAsync();

        refused.Message.ShouldBe(
            "PendingChildWorkflowsLimitExceeded: the number of pending child workflow executions, 2, has reached the per-workflow limit of 2");
        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("a"));
    }

    [Fact]
    public async Task A_child_can_not_be_canceled_in_the_task_that_starts_it()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Child("part"), CancelChild("part")));

        refused.Message.ShouldBe(
            "BadRequestCancelExternalWorkflowExecutionAttributes: Start and RequestCancel for child workflow is not allowed in same workflow task. "
                + "WorkflowId=part RunId= Namespace=");
    }

    [Fact]
    public async Task What_a_child_was_asked_for_with_is_what_it_has()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Child("part", c =>
        {
            c.TaskQueue = null;
            c.Input = World.Text("in");
            c.Header = new Header { Fields = { ["trace"] = World.Text("t").Payloads_[0] } };
            c.Memo = new Memo { Fields = { ["note"] = World.Text("n").Payloads_[0] } };
            c.WorkflowExecutionTimeout = Seconds(600);
            c.WorkflowTaskTimeout = Seconds(7);
        }));
        await world.SettleAsync();

        var started = (await world.EventsAsync("part"))[0].WorkflowExecutionStartedEventAttributes;
        started.TaskQueue.Name.ShouldBe("orders");
        started.Input.ShouldBe(World.Text("in"));
        started.Header.Fields.Keys.ShouldBe(["trace"]);
        started.Memo.Fields.Keys.ShouldBe(["note"]);
        started.WorkflowExecutionTimeout.ShouldBe(Seconds(600));
        started.WorkflowRunTimeout.ShouldBe(Seconds(600));
        started.WorkflowTaskTimeout.ShouldBe(Seconds(7));
        (await world.EventsAsync())[5].ChildWorkflowExecutionStartedEventAttributes.Header.Fields.Keys.ShouldBe(["trace"]);
    }

    [Fact]
    public async Task A_child_is_told_that_it_has_no_run_timeout()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();

        (await world.EventsAsync("part"))[0].WorkflowExecutionStartedEventAttributes.WorkflowRunTimeout.ShouldBe(Seconds(0));
    }
}
