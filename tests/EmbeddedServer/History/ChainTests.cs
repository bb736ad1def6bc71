using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What a run has from the one that it follows, and who a request about a chain means.</summary>
public sealed class ChainTests
{
    private static readonly Link Origin = new()
    {
        WorkflowEvent = new Link.Types.WorkflowEvent { Namespace = "default", WorkflowId = "origin", RunId = "2c2c9b8e-0000-4000-8000-000000000001" },
    };

    private static readonly Priority Urgent = new() { PriorityKey = 1 };

    [Fact]
    public async Task The_least_time_between_runs_counts_from_when_a_run_began_to_work()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.WorkflowStartDelay = Seconds(5));
        await world.PassAsync(TimeSpan.FromSeconds(5));

        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        (await FirstAsync(world)).FirstWorkflowTaskBackoff.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(CommandType.FailWorkflowExecution)]
    [InlineData(CommandType.ContinueAsNewWorkflowExecution)]
    public async Task A_run_has_the_links_of_the_one_before(CommandType how)
    {
        await using var world = await RetryingAsync(request => request.Links.Add(Origin));

        await world.CompleteAsync(await world.PollAsync(), how == CommandType.FailWorkflowExecution ? Fail() : ContinueAsNew());

        (await world.EventsAsync())[0].Links.ShouldBe([Origin]);
    }

    [Theory]
    [InlineData(CommandType.FailWorkflowExecution, 3)]
    [InlineData(CommandType.ContinueAsNewWorkflowExecution, 1)]
    public async Task A_priority_that_was_changed_is_kept_when_it_goes_on_as_new_and_not_by_a_retry(CommandType how, int priority)
    {
        await using var world = await RetryingAsync(request => request.Priority = new Priority { PriorityKey = 3 });
        await world.Engine.Requests.UpdateOptionsAsync(World.Namespace, new UpdateWorkflowExecutionOptionsRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowExecutionOptions = new WorkflowExecutionOptions { Priority = Urgent },
            UpdateMask = new() { Paths = { "priority" } },
        });

        await world.CompleteAsync(await world.PollAsync(), how == CommandType.FailWorkflowExecution ? Fail() : ContinueAsNew());

        (await FirstAsync(world)).Priority.PriorityKey.ShouldBe(priority);
    }

    [Theory]
    [InlineData(CommandType.ContinueAsNewWorkflowExecution, 0)]
    [InlineData(CommandType.FailWorkflowExecution, null)]
    public async Task That_a_run_has_no_timeout_of_its_own_is_told_of_one_that_was_continued_as_new_not_of_a_retry(CommandType how, int? seconds)
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.RetryPolicy = new RetryPolicy());

        await world.CompleteAsync(await world.PollAsync(), how == CommandType.FailWorkflowExecution ? Fail() : ContinueAsNew());

        (await world.DescribeAsync()).ExecutionConfig.WorkflowRunTimeout.ShouldBe(seconds is { } told ? Seconds(told) : null);
    }

    [Fact]
    public async Task A_run_that_goes_on_at_once_says_nothing_of_a_delay()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.PassAsync(TimeSpan.FromSeconds(2));

        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        (await FirstAsync(world)).FirstWorkflowTaskBackoff.ShouldBeNull();
    }

    [Fact]
    public async Task A_schedule_of_its_own_ends_where_it_goes_on_as_new_without_saying_so()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.CronSchedule = "* * * * *");
        await world.PassAsync(TimeSpan.FromMinutes(1));

        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        (await FirstAsync(world)).CronSchedule.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_of_a_schedule_that_ends_before_its_time_is_followed_by_one_at_that_time_and_the_least_time_between_runs()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.CronSchedule = "*/10 * * * *");
        await world.RequestCancelAsync();

        await world.CompleteAsync(await world.PollAsync(), Complete());

        (await FirstAsync(world)).FirstWorkflowTaskBackoff.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(601));
    }

    [Fact]
    public async Task What_it_failed_with_is_told_where_it_goes_on_as_new_for_another_attempt()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var command = ContinueAsNew();
        command.ContinueAsNewWorkflowExecutionCommandAttributes.Initiator = ContinueAsNewInitiator.Retry;
        command.ContinueAsNewWorkflowExecutionCommandAttributes.Failure = new Failure { Message = "no luck" };

        await world.CompleteAsync(await world.PollAsync(), command);

        var first = await FirstAsync(world);
        (first.Attempt, first.ContinuedFailure.Message).ShouldBe((2, "no luck"));
    }

    [Fact]
    public async Task An_earlier_result_is_not_told_to_the_next_attempt_of_one_that_failed()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request =>
        {
            request.CronSchedule = "* * * * *";
            request.RetryPolicy = new RetryPolicy { MaximumAttempts = 2 };
            request.LastCompletionResult = World.Text("before");
        });
        await world.PassAsync(TimeSpan.FromMinutes(1));

        await world.CompleteAsync(await world.PollAsync(), Fail());

        (await FirstAsync(world)).LastCompletionResult.ShouldBeNull();
    }

    [Fact]
    public async Task Who_names_a_chain_means_its_run_of_now()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        await world.Engine.Requests.TerminateAsync(World.Namespace, new TerminateWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order", RunId = first.RunId },
            FirstExecutionRunId = first.RunId,
        });

        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
    }

    [Fact]
    public async Task A_chain_that_has_ended_takes_a_cancellation_that_means_another_one()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.TerminateAsync();

        await Should.NotThrowAsync(() => world.Engine.Requests.RequestCancelAsync(World.Namespace, new RequestCancelWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            FirstExecutionRunId = "2c2c9b8e-0000-4000-8000-000000000001",
        }));
    }

    [Fact]
    public async Task A_signal_that_is_known_is_taken_even_after_the_end()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.SignalAsync("go", requestId: "once");
        await world.TerminateAsync();

        await Should.NotThrowAsync(() => world.SignalAsync("go", requestId: "once"));
    }

    [Fact]
    public async Task A_start_with_a_signal_that_is_asked_for_again_after_the_end_starts_again()
    {
        await using var world = World.Create();
        var request = new SignalWithStartWorkflowExecutionRequest
        {
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new() { Name = "orders" },
            SignalName = "go",
            RequestId = "once",
        };
        await world.Engine.Starts.SignalWithStartAsync(World.Namespace, request);
        await world.TerminateAsync();

        (await world.Engine.Starts.SignalWithStartAsync(World.Namespace, request)).Started.ShouldBeTrue();
    }

    [Fact]
    public async Task Using_a_run_that_is_there_is_recorded_where_it_was_said_what_to_attach_even_if_nothing_is()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.StartAsync(change: request =>
        {
            request.RequestId = "other";
            request.WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.UseExisting;
            request.OnConflictOptions = new Temporalio.Api.Workflow.V1.OnConflictOptions();
        });

        (await world.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionOptionsUpdated);
    }

    [Fact]
    public async Task A_task_whose_answer_could_not_be_sent_ends_the_run_by_force()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        await world.Engine.WorkflowTasks.FailAsync(World.Namespace, new RespondWorkflowTaskFailedRequest
        {
            TaskToken = task.TaskToken,
            Cause = WorkflowTaskFailedCause.GrpcMessageTooLarge,
            Identity = "worker",
        });

        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed ForceCloseCommand
            5 WorkflowExecutionTerminated GrpcMessageTooLarge
            """);
    }

    private static async Task<World> RetryingAsync(Action<StartWorkflowExecutionRequest> change)
    {
        var world = World.Create(new HistoryEngineOptions());
        await world.StartAsync(change: request =>
        {
            request.RetryPolicy = new RetryPolicy();
            change(request);
        });
        return world;
    }

    private static async Task<WorkflowExecutionStartedEventAttributes> FirstAsync(World world) =>
        (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes;
}
