using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using OnConflictOptions = Temporalio.Api.Workflow.V1.OnConflictOptions;
using Operation = Temporalio.Api.WorkflowService.V1.ExecuteMultiOperationRequest.Types.Operation;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What is looked at in each kind of call, in which order, and how what is wrong is told.</summary>
public sealed class RequestCheckTests
{
    private const string Run = "01234567-89ab-4def-8123-456789abcdef";
    private static readonly string TooLong = new('x', 1_100);

    public static TheoryData<string, Action<StartWorkflowExecutionRequest>> Starts => new()
    {
        { "CronSchedule and WorkflowStartDelay may not be used together.", r => (r.CronSchedule, r.WorkflowStartDelay) = ("@hourly", new Duration()) },
        { "invalid CronSchedule, no time can be found to satisfy the schedule", r => r.CronSchedule = "0 0 30 2 *" },
        {
            "An invalid WorkflowRunTimeoutSeconds is set on request. cause: duration has seconds and nanos with different signs",
            r => r.WorkflowRunTimeout = new Duration { Seconds = 1, Nanos = -1 }
        },
        { "cannot use internal per-namespace task queue:temporal-sys-per-ns-tq", r => r.TaskQueue.Name = "temporal-sys-per-ns-tq" },
        { "must be greater than zero", r => r.Priority = new Priority { FairnessWeight = -1 } },
        { "activity link must not have an empty activity ID field", r => r.Links.Add(new Link { Activity = new() { Namespace = "n" } }) },
        { "nexus operation link must not have an empty run ID field", r => r.Links.Add(new Link { NexusOperation = new() { Namespace = "n", OperationId = "o" } }) },
        { "unsupported link variant", r => r.CompletionCallbacks.Add(new Callback { Nexus = new() { Url = "temporal://system" }, Links = { new Link() } }) },
        {
            "attaching request ID is required for attaching completion callbacks",
            r =>
            {
                r.OnConflictOptions = new OnConflictOptions { AttachCompletionCallbacks = true };
                r.CompletionCallbacks.Add(new Callback());
            }
        },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task A_start_is_looked_at_in_order(string message, Action<StartWorkflowExecutionRequest> spoil)
    {
        var request = ServerFixture.StartRequest();
        spoil(request);

        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    public static TheoryData<string, Action<SignalWithStartWorkflowExecutionRequest>> SignalsWithStart => new()
    {
        { "invalid CronSchedule.", r => (r.CronSchedule, r.WorkflowId) = ("not a schedule", "") },
        { "workflow type name exceeds maximum allowed length (1100/1000)", r => r.WorkflowType.Name = TooLong },
        { "Request ID exceeds maximum allowed length (1100/1000)", r => r.RequestId = TooLong },
        {
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy",
#pragma warning disable CS0612 // Callers of old still send it.
            r => (r.WorkflowIdReusePolicy, r.WorkflowIdConflictPolicy) = (WorkflowIdReusePolicy.TerminateIfRunning, WorkflowIdConflictPolicy.Fail)
#pragma warning restore CS0612
        },
    };

    [Theory]
    [MemberData(nameof(SignalsWithStart))]
    public async Task A_signal_with_start_is_looked_at_in_order(string message, Action<SignalWithStartWorkflowExecutionRequest> spoil)
    {
        var request = new SignalWithStartWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowId = "signalled",
            WorkflowType = new WorkflowType { Name = "type" },
            TaskQueue = new TaskQueue { Name = "q" },
            SignalName = "s",
        };
        spoil(request);

        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    public static TheoryData<string, Action<UpdateWorkflowExecutionRequest>> Updates => new()
    {
        { "Update meta is not set on request.", r => r.Request = null },
        { "Update meta is not set on request.", r => r.Request.Meta = null },
        { "UpdateId length exceeds limit.", r => r.Request.Meta.UpdateId = TooLong },
        { "Update input is not set on request.", r => r.Request.Input = null },
        { "Update name is not set on request.", r => r.Request.Input.Name = "" },
        { "unsupported link variant", r => r.Request.CompletionCallbacks.Add(new Callback { Nexus = new() { Url = "temporal://system" }, Links = { new Link() } }) },
        { "invalid url: missing host", r => r.Request.CompletionCallbacks.Add(new Callback { Nexus = new() { Url = "http://" } }) },
    };

    [Theory]
    [MemberData(nameof(Updates))]
    public async Task An_update_says_what_it_is(string message, Action<UpdateWorkflowExecutionRequest> spoil)
    {
        var request = Update();
        spoil(request);

        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    [Fact]
    public async Task Nobody_can_wait_for_an_update_to_be_admitted_only()
    {
        var request = Update();
        request.WaitPolicy = new WaitPolicy { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Admitted };

        (await RefusalAsync(request)).ShouldBe(
            (RefusalKind.PermissionDenied, "UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported."));
    }

    [Fact]
    public async Task Both_halves_of_an_update_with_start_are_looked_at()
    {
        await using var server = await ServerFixture.StartAsync();
        var start = ServerFixture.StartRequest();
        start.CronSchedule = "@hourly";
        var update = Update();
        update.WorkflowExecution.WorkflowId = "another";

        var refusal = await server.RefusalAsync(new ExecuteMultiOperationRequest
        {
            Namespace = ServerFixture.Namespace,
            Operations = { new Operation { StartWorkflow = start }, new Operation { UpdateWorkflow = update } },
        });

        refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses.Select(status => status.Message)
            .ShouldBe(["CronSchedule is not allowed.", "Operation was aborted."]);
    }

    [Fact]
    public async Task The_start_of_an_update_with_start_names_its_namespace()
    {
        await using var server = await ServerFixture.StartAsync();
        var start = ServerFixture.StartRequest();
        start.Namespace = "";
        var update = Update();
        update.Namespace = "";
        update.WorkflowExecution.WorkflowId = start.WorkflowId;

        var refusal = await server.RefusalAsync(new ExecuteMultiOperationRequest
        {
            Namespace = ServerFixture.Namespace,
            Operations = { new Operation { StartWorkflow = start }, new Operation { UpdateWorkflow = update } },
        });

        refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses.Select(status => status.Message)
            .ShouldBe(["Namespace is empty.", "Operation was aborted."]);
    }

    [Fact]
    public async Task The_halves_of_an_update_with_start_are_about_one_workflow()
    {
        await using var server = await ServerFixture.StartAsync();
        var update = Update();
        update.WorkflowExecution.WorkflowId = "another";

        var refusal = await server.RefusalAsync(new ExecuteMultiOperationRequest
        {
            Namespace = ServerFixture.Namespace,
            Operations = { new Operation { StartWorkflow = ServerFixture.StartRequest() }, new Operation { UpdateWorkflow = update } },
        });

        refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses.Select(status => status.Message)
            .ShouldBe(["Operation was aborted.", "WorkflowId is not consistent with previous operation(s)."]);
    }

    public static TheoryData<string, IMessage> Calls
    {
        get
        {
            var execution = new WorkflowExecution { WorkflowId = "wf" };
            var badRun = new WorkflowExecution { WorkflowId = "wf", RunId = "not-a-run-id" };
            return new TheoryData<string, IMessage>
            {
                { "RequestId is not set on request.", new ResetWorkflowExecutionRequest() },
                { "Execution is not set on request.", new ResetWorkflowExecutionRequest { RequestId = "r" } },
                { "UpdateRef is not set on request.", new PollWorkflowExecutionUpdateRequest() },
                { "Can't load workflow execution.  WorkflowId not set.", new PollWorkflowExecutionUpdateRequest { UpdateRef = new UpdateRef() } },
                { "WorkflowId is not set on request.", new UpdateWorkflowExecutionOptionsRequest() },
                { "UpdateMask is required", new UpdateWorkflowExecutionOptionsRequest { WorkflowExecution = badRun } },
                { "WorkflowExecutionOptions is required", new UpdateWorkflowExecutionOptionsRequest { WorkflowExecution = badRun, UpdateMask = new FieldMask() } },
                {
                    "RunId is not valid UUID.",
                    new UpdateWorkflowExecutionOptionsRequest { WorkflowExecution = badRun, UpdateMask = new FieldMask(), WorkflowExecutionOptions = new() }
                },
                { "WorkflowId is not set on request.", new PauseActivityRequest { Id = "a" } },
                { "Either Activity.Id or Activity.Type should be set on request.", new PauseActivityRequest { Execution = badRun } },
                { "RunId is not valid UUID.", new PauseActivityRequest { Execution = badRun, Id = "a" } },
                { "ActivityOptions are not provided", new UpdateActivityOptionsRequest { Execution = execution, Id = "a" } },
                { "Patch is not set on request.", new PatchScheduleRequest() },
                { "Schedule notes exceeds limit.", new PatchScheduleRequest { ScheduleId = "s", Patch = new SchedulePatch { Pause = TooLong } } },
                { "Only StartWorkflow action is supported for schedules", new UpdateScheduleRequest { ScheduleId = "s", Schedule = new Schedule() } },
                { "Can't load workflow execution.  WorkflowId not set.", new DescribeScheduleRequest() },
                { "StatusFilter must be specified and must be not Running.", new ListClosedWorkflowExecutionsRequest { StatusFilter = new() } },
                {
                    "Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.",
#pragma warning disable CS0612 // The mode is old and still asked for.
                    new DescribeTaskQueueRequest { TaskQueue = new TaskQueue { Name = "q", Kind = TaskQueueKind.Sticky }, ApiMode = DescribeTaskQueueMode.Enhanced }
#pragma warning restore CS0612
                },
                {
                    "DescribeTaskQueue stats are only supported for the root partition",
                    new DescribeTaskQueueRequest { TaskQueue = new TaskQueue { Name = "q", Kind = TaskQueueKind.Sticky }, ReportStats = true }
                },
                {
                    "DescribeTaskQueue stats are only supported for the root partition",
                    new DescribeTaskQueueRequest { TaskQueue = new TaskQueue { Name = "/_sys/q/1" }, ReportStats = true }
                },
                { "invalid task queue partition name /_sys/", new DescribeTaskQueueRequest { TaskQueue = new TaskQueue { Name = "/_sys/" } } },
                { "invalid task queue partition name /_sys/q/0", new DescribeTaskQueueRequest { TaskQueue = new TaskQueue { Name = "/_sys/q/0" } } },
                {
                    "Setting fairness key rate limit on workflow task queues is not allowed.",
                    new UpdateTaskQueueConfigRequest
                    {
                        TaskQueue = "q",
                        TaskQueueType = TaskQueueType.Workflow,
                        UpdateFairnessKeyRateLimitDefault = new() { RateLimit = new RateLimit { RequestsPerSecond = 1 } },
                    }
                },
                {
                    "fairness weight override key must not be empty",
                    new UpdateTaskQueueConfigRequest { TaskQueue = "q", TaskQueueType = TaskQueueType.Activity, UnsetFairnessWeightOverrides = { "" } }
                },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Calls_are_looked_at_in_order(string message, IMessage request)
    {
        request.Descriptor.FindFieldByName("namespace").Accessor.SetValue(request, ServerFixture.Namespace);
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    public static TheoryData<string, Action<StartBatchOperationRequest>> Batches => new()
    {
        {
            "must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR Executions OR TargetExecutions)",
            r => (r.JobId, r.VisibilityQuery) = ("", "")
        },
        { "JobId is not set on request.", r => r.JobId = "" },
        {
            "target_executions[0] has type Activity, but operation *workflowservice.StartBatchOperationRequest_TerminationOperation requires Workflow",
            r =>
            {
                r.VisibilityQuery = "";
                r.TargetExecutions.Add(new Execution { Type = ExecutionType.Activity, BusinessId = "a" });
            }
        },
        { "must provide signal name", r => r.SignalOperation = new BatchOperationSignal() },
        { "batch reset missing target", r => r.ResetOperation = new BatchOperationReset { Options = new ResetOptions() } },
        { "unknown batch reset type Unspecified", r => r.ResetOperation = new BatchOperationReset() },
        { "must provide UpdateOptions", r => r.UpdateWorkflowOptionsOperation = new BatchOperationUpdateWorkflowExecutionOptions() },
        { "activity filter must be set", r => r.UnpauseActivitiesOperation = new BatchOperationUnpauseActivities() },
        {
            "Either activity type must be set, or match all should be set to true",
            r => r.UnpauseActivitiesOperation = new BatchOperationUnpauseActivities { MatchAll = false }
        },
        { "must provide ActivityType or MatchAll", r => r.ResetActivitiesOperation = new BatchOperationResetActivities() },
        {
            "cannot set both activity options and restore original",
            r => r.UpdateActivityOptionsOperation = new BatchOperationUpdateActivityOptions { RestoreOriginal = true, ActivityOptions = new() }
        },
        {
            "The operation type *workflowservice.StartBatchOperationRequest_TerminateActivitiesOperation is not supported for this namespace",
            r => r.TerminateActivitiesOperation = new BatchOperationTerminateActivities()
        },
        { "invalid visibility query: syntax error at position 43", r => r.VisibilityQuery = "WorkflowType = = 1" },
        { "invalid visibility query: syntax error at position 36 near 'query'", r => r.VisibilityQuery = "bad query" },
    };

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_batch_operation_is_looked_at_in_order(string message, Action<StartBatchOperationRequest> spoil)
    {
        var request = new StartBatchOperationRequest
        {
            Namespace = ServerFixture.Namespace,
            JobId = "job",
            Reason = "why not",
            VisibilityQuery = "WorkflowType = 'x'",
            TerminationOperation = new BatchOperationTermination(),
        };
        spoil(request);

        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    [Fact]
    public async Task The_memo_of_a_schedule_can_not_be_changed() =>
        (await RefusalAsync(new UpdateScheduleRequest
        {
            Namespace = ServerFixture.Namespace,
            ScheduleId = "s",
            Memo = new Memo(),
            Schedule = new Schedule
            {
                Action = new ScheduleAction
                {
                    StartWorkflow = new NewWorkflowExecutionInfo
                    {
                        WorkflowId = "w", WorkflowType = new WorkflowType { Name = "t" }, TaskQueue = new TaskQueue { Name = "q" },
                    },
                },
            },
        })).ShouldBe((RefusalKind.FailedPrecondition, "memo updates are not supported on workflow-backed schedules"));

    [Fact]
    public async Task A_first_run_that_is_not_the_chains_is_not_found()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();

        var refusal = await server.RefusalAsync(new TerminateWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace, WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" }, FirstExecutionRunId = Run,
        });

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.NotFound, "workflow execution not found"));
    }

    [Fact]
    public async Task An_answer_that_names_no_namespace_is_for_that_of_its_task()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var task = await server.PollAsync();

        await server.CallAsync<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest { TaskToken = task.TaskToken });

        (await server.RefusalAsync(new RespondWorkflowTaskCompletedRequest { TaskToken = task.TaskToken })).Message.ShouldBe("Workflow task not found.");
    }

    [Fact]
    public async Task A_workflow_tasks_token_is_no_activitys()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var task = await server.PollAsync();

        var refusal = await server.RefusalAsync(new RespondActivityTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = task.TaskToken });

        refusal.Message.ShouldBe("invalid activityID or activity already timed out or invoking workflow is completed");
    }

    [Fact]
    public async Task A_batch_operation_of_a_taken_id_is_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        var request = new StartBatchOperationRequest
        {
            Namespace = ServerFixture.Namespace,
            JobId = "job",
            Reason = "why not",
            VisibilityQuery = "WorkflowType = 'x'",
            TerminationOperation = new BatchOperationTermination(),
        };
        await server.CallAsync<StartBatchOperationResponse>(request);

        var refusal = await server.RefusalAsync(request);

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
        refusal.Message.ShouldContain(refusal.Detail.ShouldBeOfType<WorkflowExecutionAlreadyStartedFailure>().RunId);
    }

    private static UpdateWorkflowExecutionRequest Update() => new()
    {
        Namespace = ServerFixture.Namespace,
        WorkflowExecution = new WorkflowExecution { WorkflowId = "wf" },
        Request = new Request { Meta = new Meta { UpdateId = "u" }, Input = new Input { Name = "change" } },
    };

    private static async Task<(RefusalKind Code, string Message)> RefusalAsync(IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        var refusal = await server.RefusalAsync(request);
        return (refusal.Kind, refusal.Message);
    }
}
