using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Batches;

/// <summary>Batch operations on an engine of its own, whose clock stands still.</summary>
public sealed class BatchTests : IAsyncLifetime
{
    private const string JobId = "job";

    private readonly SqliteStore sqlite = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
    private readonly ManualClock rates = new(DateTimeOffset.UnixEpoch);
    private readonly World world;
    private BatchOperations batches;

    public BatchTests()
    {
        world = World.Create(sqlite);
        batches = NewBatches();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await batches.DisposeAsync();
        await world.DisposeAsync();
    }

    [Fact]
    public async Task All_that_the_query_finds_are_signalled_once()
    {
        await StartWorkflowsAsync(250);

        await RunAsync(Signal("WorkflowType = 'Order'"));

        Describe().CompleteOperationCount.ShouldBe(250);
        foreach (var number in Enumerable.Range(0, 250))
        {
            (await world.EventsAsync($"order-{number}")).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Closed_workflows_are_left_alone()
    {
        await StartWorkflowsAsync(3);
        await world.TerminateAsync("order-1");

        await RunAsync(Terminate("WorkflowType = 'Order'"));

        Describe().TotalOperationCount.ShouldBe(2);
        (await world.EventsAsync("order-2"))[^1].WorkflowExecutionTerminatedEventAttributes.Reason.ShouldBe("tidying up");
    }

    [Fact]
    public async Task Workflows_that_are_deleted_are_gone_whether_they_ran_or_not()
    {
        await StartWorkflowsAsync(3);
        await world.TerminateAsync("order-1");

        await RunAsync(new StartBatchOperationRequest
        {
            JobId = JobId,
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
            DeletionOperation = new BatchOperationDeletion(),
        });

        new SqliteVisibility(sqlite).Count(World.Namespace.Id, World.Namespace.Name, "").Count.ShouldBe(0);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 7)]
    public async Task Workflows_are_reset_to_their_first_or_last_workflow_task_and_what_came_later_is_applied_again(bool toLast, int finish)
    {
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync());
        await world.SignalAsync("s");
        await world.CompleteAsync(await world.PollAsync());

        await RunAsync(new StartBatchOperationRequest
        {
            JobId = JobId,
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
            ResetOperation = new BatchOperationReset
            {
                Options = toLast ? new ResetOptions { LastWorkflowTask = new Empty() } : new ResetOptions { FirstWorkflowTask = new Empty() },
            },
        });

        Describe().CompleteOperationCount.ShouldBe(1);
        var events = await world.EventsAsync();
        events.Single(e => e.EventType == EventType.WorkflowTaskFailed).EventId.ShouldBe(toLast ? finish + 1 : finish);
        events.Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
    }

    [Fact]
    public async Task A_workflow_whose_first_task_was_never_completed_is_reset_to_where_that_was_scheduled()
    {
        await world.StartAsync();
        await world.PollAsync();

        await RunAsync(new StartBatchOperationRequest
        {
            JobId = JobId,
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
#pragma warning disable CS0612 // Older clients name it so.
            ResetOperation = new BatchOperationReset { ResetType = ResetType.FirstWorkflowTask },
#pragma warning restore CS0612
        });

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed ResetWorkflow
            5 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task Paused_activities_of_a_type_are_unpaused_and_workflows_without_one_are_done_with()
    {
        await StartWorkflowsAsync(1);
        await world.StartAsync();
        var task = await world.PollAsync();
        await world.CompleteAsync(task.WorkflowExecution.WorkflowId == "order" ? task : await world.PollAsync(), Commands.Activity("a"));
        await world.PauseActivityAsync("a");

        await RunAsync(new StartBatchOperationRequest
        {
            JobId = JobId,
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
            UnpauseActivitiesOperation = new BatchOperationUnpauseActivities { MatchAll = true },
        });

        Describe().CompleteOperationCount.ShouldBe(2);
        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().Paused.ShouldBeFalse();
    }

    [Fact]
    public async Task Options_of_activities_and_of_workflows_are_changed()
    {
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Commands.Activity("a"));

        await RunAsync(new StartBatchOperationRequest
        {
            JobId = JobId,
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
            UpdateActivityOptionsOperation = new BatchOperationUpdateActivityOptions
            {
                MatchAll = true,
                ActivityOptions = new ActivityOptions { StartToCloseTimeout = Duration.FromTimeSpan(TimeSpan.FromHours(5)) },
                UpdateMask = FieldMask.FromString("start_to_close_timeout"),
            },
        });
        await RunAsync(new StartBatchOperationRequest
        {
            JobId = "another",
            Reason = "tidying up",
            VisibilityQuery = "WorkflowType = 'Order'",
            UpdateWorkflowOptionsOperation = new BatchOperationUpdateWorkflowExecutionOptions
            {
                WorkflowExecutionOptions = new WorkflowExecutionOptions { Priority = new Priority { PriorityKey = 2 } },
                UpdateMask = FieldMask.FromString("priority"),
            },
        });

        var described = await world.DescribeAsync();
        described.PendingActivities.Single().ActivityOptions.StartToCloseTimeout.ShouldBe(Duration.FromTimeSpan(TimeSpan.FromHours(5)));
        described.WorkflowExecutionInfo.Priority.PriorityKey.ShouldBe(2);
    }

    [Fact]
    public async Task One_that_is_not_there_counts_as_done()
    {
        var request = Terminate("");
#pragma warning disable CS0612 // Clients name them so.
        request.Executions.Add(new WorkflowExecution { WorkflowId = "nobody" });
#pragma warning restore CS0612

        await RunAsync(request);

        Describe().CompleteOperationCount.ShouldBe(1);
        Describe().State.ShouldBe(BatchOperationState.Completed);
    }

    [Fact]
    public async Task It_goes_on_after_a_restart_and_does_nothing_twice()
    {
        await StartWorkflowsAsync(150);
        await batches.StartAsync(World.Namespace, Signal("WorkflowType = 'Order'"));
        await UntilAsync(() => Describe().CompleteOperationCount == 100, timePasses: false);

        await batches.DisposeAsync();
        batches = NewBatches();
        batches.Recover();
        await UntilAsync(() => Describe().State != BatchOperationState.Running);

        Describe().CompleteOperationCount.ShouldBe(150);
        (await world.EventsAsync("order-7")).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
    }

    [Fact]
    public async Task A_stopped_one_goes_no_further()
    {
        await StartWorkflowsAsync(150);
        await batches.StartAsync(World.Namespace, Signal("WorkflowType = 'Order'"));
        await UntilAsync(() => Describe().CompleteOperationCount == 100, timePasses: false);

        await batches.StopAsync(World.Namespace, JobId);

        Describe().State.ShouldBe(BatchOperationState.Failed);
        Describe().CompleteOperationCount.ShouldBe(100);
        sqlite.ReadRunningBatches().ShouldBeEmpty();
    }

    /// <summary>Else it would find none to stop, and what is being started would go on and write over its end.</summary>
    [Fact]
    public async Task Whoever_stops_one_that_is_being_started_waits_for_that()
    {
        // It takes a second for each, and time stands still: it can't be over before it is stopped.
        await StartWorkflowsAsync(3);
        var request = Signal("WorkflowType = 'Order'");
        request.MaxOperationsPerSecond = 1;
        var mayStart = new TaskCompletionSource();
        var writes = new List<BatchWrite>();
        world.Store.BeforeBatch = write =>
        {
            writes.Add(write);
            return mayStart.Task;
        };
        var starting = batches.StartAsync(World.Namespace, request);

        var stopping = batches.StopAsync(World.Namespace, JobId);
        var writtenBySomebodyElse = writes.Count - 1;
        mayStart.SetResult();
        await starting;
        await stopping;

        (writtenBySomebodyElse, Describe().State).ShouldBe((0, BatchOperationState.Failed));
    }

    [Fact]
    public async Task One_that_could_not_go_on_is_tried_again_and_does_nothing_twice()
    {
        await StartWorkflowsAsync(3);
        var writes = 0;
        world.Store.BeforeBatch = _ => ++writes is 2 or 3 or 5 ? throw new InvalidOperationException("made to fail") : Task.CompletedTask;

        await RunAsync(Signal("WorkflowType = 'Order'"));

        Describe().State.ShouldBe(BatchOperationState.Completed);
        Describe().CompleteOperationCount.ShouldBe(3);
        foreach (var number in Enumerable.Range(0, 3))
        {
            (await world.EventsAsync($"order-{number}")).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_workflow_that_is_named_twice_is_signalled_once()
    {
        await StartWorkflowsAsync(1);
        var request = Signal("");
        request.TargetExecutions.Add([Order("order-0"), Order("order-0")]);

        await RunAsync(request);

        (await world.EventsAsync("order-0")).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
    }

    [Fact]
    public async Task A_signals_header_goes_nowhere()
    {
        await StartWorkflowsAsync(1);
        var request = Signal("WorkflowType = 'Order'");
        request.SignalOperation.Header = new Header { Fields = { ["h"] = new Payload() } };

        await RunAsync(request);

        (await world.EventsAsync("order-0")).Single(e => e.EventType == EventType.WorkflowExecutionSignaled)
            .WorkflowExecutionSignaledEventAttributes.Header.ShouldBeNull();
    }

    public static TheoryData<string, Action<StartBatchOperationRequest>> Failures => new()
    {
        { "", r => r.TerminationOperation = new BatchOperationTermination() },
        { "missing", r => r.ResetOperation = new BatchOperationReset { Options = new ResetOptions { FirstWorkflowTask = new Empty() } } },
        { "order-0", r => r.SignalOperation = new BatchOperationSignal { Signal = new string('s', 1_001) } },
        {
            "order-0", r => r.UpdateWorkflowOptionsOperation = new BatchOperationUpdateWorkflowExecutionOptions
            {
                WorkflowExecutionOptions = new WorkflowExecutionOptions(), UpdateMask = FieldMask.FromString<Payload>("data"),
            }
        },
        {
            "order-0", r => r.ResetOperation = new BatchOperationReset
            {
                Options = new ResetOptions { FirstWorkflowTask = new Empty() }, PostResetOperations = { new PostResetOperation() },
            }
        },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_can_not_be_done_to_a_workflow_is_counted_as_a_failure(string workflowId, Action<StartBatchOperationRequest> ask)
    {
        await StartWorkflowsAsync(1);
        var request = new StartBatchOperationRequest { JobId = JobId, Reason = "tidying up", TargetExecutions = { Order(workflowId) } };
        ask(request);

        await RunAsync(request);

        (Describe().CompleteOperationCount, Describe().FailureOperationCount).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Who_uses_a_job_id_again_is_told_what_request_it_was_used_by()
    {
        await RunAsync(Terminate("WorkflowType = 'Order'"));

        var refusal = await Should.ThrowAsync<RefusalException>(RunAsync(Terminate("WorkflowType = 'Order'")));

        Guid.TryParse(refusal.Detail.ShouldBeOfType<WorkflowExecutionAlreadyStartedFailure>().StartRequestId, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task A_job_id_is_used_once()
    {
        await RunAsync(Terminate("WorkflowType = 'Order'"));

        var refusal = await Should.ThrowAsync<RefusalException>(RunAsync(Terminate("WorkflowType = 'Order'")));

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
    }

    [Fact]
    public async Task The_latest_are_listed_first_page_by_page()
    {
        foreach (var id in new[] { "one", "two", "three" })
        {
            var request = Terminate("WorkflowType = 'Order'");
            request.JobId = id;
            await batches.StartAsync(World.Namespace, request);
        }

        var first = batches.List(World.Namespace, long.MaxValue, 2);
        var second = batches.List(World.Namespace, first[^1].Number, 2);

        first.Concat(second).Select(one => one.Batch.Key.JobId).ShouldBe(["three", "two", "one"]);
    }

    private static Execution Order(string workflowId) => new() { Type = ExecutionType.Workflow, BusinessId = workflowId };

    private static StartBatchOperationRequest Signal(string query) => new()
    {
        JobId = JobId,
        Reason = "tidying up",
        VisibilityQuery = query,
        SignalOperation = new BatchOperationSignal { Signal = "hello", Identity = "client" },
        MaxOperationsPerSecond = 1_000,
    };

    private static StartBatchOperationRequest Terminate(string query) => new()
    {
        JobId = JobId,
        Reason = "tidying up",
        VisibilityQuery = query,
        TerminationOperation = new BatchOperationTermination { Identity = "client" },
    };

    private BatchOperations NewBatches() => new(
        world.Store, world.Engine, new SqliteVisibility(sqlite), world.Clock, rates, NullLogger.Instance);

    private DescribeBatchOperationResponse Describe() => batches.Describe(World.Namespace, JobId);

    private async Task StartWorkflowsAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            await world.StartAsync($"order-{number}");
        }
    }

    private async Task RunAsync(StartBatchOperationRequest request)
    {
        await batches.StartAsync(World.Namespace, request);
        await UntilAsync(() => batches.Describe(World.Namespace, request.JobId).State != BatchOperationState.Running);
    }

    /// <summary>Operations go on in the background; nobody is told of their steps.</summary>
    private async Task UntilAsync(Func<bool> isSo, bool timePasses = true)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!isSo())
        {
            await pace.WaitForNextTickAsync(patience.Token);
            rates.MoveTo(rates.GetUtcNow() + (timePasses ? TimeSpan.FromSeconds(1) : TimeSpan.Zero));
        }
    }
}
