using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

public sealed class RefusalTests
{
    private static readonly string TooLong = new('x', 1_100);
    private static readonly Duration Negative = Duration.FromTimeSpan(TimeSpan.FromSeconds(-1));

    public static TheoryData<string, Action<StartWorkflowExecutionRequest>> BadStarts => new()
    {
        { "Namespace is empty.", r => r.Namespace = string.Empty },
        { "WorkflowId is not set on request.", r => r.WorkflowId = string.Empty },
        { "WorkflowId exceeds maximum allowed length (1100/1000)", r => r.WorkflowId = TooLong },
        { "WorkflowId exceeds maximum allowed length (1002/1000)", r => r.WorkflowId = new string('ü', 501) },
        { "WorkflowType is not set on request.", r => r.WorkflowType = null },
        { "WorkflowType is not set on request.", r => r.WorkflowType.Name = string.Empty },
        { "WorkflowType length exceeds limit.", r => r.WorkflowType.Name = TooLong },
        { "taskQueue is not set", r => r.TaskQueue = null },
        { "missing task queue name", r => r.TaskQueue.Name = string.Empty },
        { "taskQueue length exceeds limit", r => r.TaskQueue.Name = TooLong },
        { "task queue name cannot start with reserved prefix /_sys/", r => r.TaskQueue.Name = "/_sys/x/1" },
        { "RequestId length exceeds limit.", r => r.RequestId = TooLong },
        { "An invalid WorkflowExecutionTimeoutSeconds is set on request. cause: negative duration", r => r.WorkflowExecutionTimeout = Negative },
        { "An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration", r => r.WorkflowRunTimeout = Negative },
        { "An invalid WorkflowTaskTimeoutSeconds is set on request. cause: negative duration", r => r.WorkflowTaskTimeout = Negative },
        { "An invalid WorkflowStartDelaySeconds is set on request. cause: negative duration", r => r.WorkflowStartDelay = Negative },
        { "CronSchedule and WorkflowStartDelay may not be used together.", r => (r.CronSchedule, r.WorkflowStartDelay) = ("@hourly", new Duration { Seconds = 1 }) },
        { "invalid CronSchedule.", r => r.CronSchedule = "not a schedule" },
        { "invalid CronSchedule.", r => r.CronSchedule = "61 * * * *" },
        { "invalid CronSchedule.", r => r.CronSchedule = " @hourly" },
        { "invalid CronSchedule.", r => r.CronSchedule = "@HOURLY" },
        { "invalid CronSchedule.", r => r.CronSchedule = "@every  1h" },
        { "invalid InitialInterval set on retry policy: negative duration", r => r.RetryPolicy = new RetryPolicy { InitialInterval = Negative } },
        { "BackoffCoefficient cannot be less than 1 on retry policy.", r => r.RetryPolicy = new RetryPolicy { BackoffCoefficient = 0.5 } },
        {
            "MaximumInterval cannot be less than InitialInterval on retry policy.",
            r => r.RetryPolicy = new RetryPolicy { InitialInterval = new Duration { Seconds = 10 }, MaximumInterval = new Duration { Seconds = 1 } }
        },
        { "MaximumAttempts cannot be negative on retry policy.", r => r.RetryPolicy = new RetryPolicy { MaximumAttempts = -1 } },
        { "Invalid timeout type value: NoSuchKind.", r => r.RetryPolicy = new RetryPolicy { NonRetryableErrorTypes = { "TemporalTimeout:NoSuchKind" } } },
        {
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
            r => (r.WorkflowIdReusePolicy, r.WorkflowIdConflictPolicy) = (WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.TerminateExisting)
        },
        { "attaching request ID is required for attaching completion callbacks", r => r.OnConflictOptions = new Temporalio.Api.Workflow.V1.OnConflictOptions { AttachCompletionCallbacks = true } },
        { "priority key can't be negative", r => r.Priority = new Priority { PriorityKey = -1 } },
        { "fairness key length exceeds limit", r => r.Priority = new Priority { FairnessKey = new string('k', 65) } },
        { "Blob data size exceeds limit.", r => r.Input = new Payloads { Payloads_ = { Bulk() } } },
        { "Memo size exceeds limit.", r => r.Memo = new Memo { Fields = { ["m"] = Bulk() } } },
        { "cannot attach more than 10 links per request, got 11", r => r.Links.Add(Enumerable.Range(0, 11).Select(_ => WorkflowLink())) },
        { "unsupported link variant", r => r.Links.Add(new Link()) },
        { "workflow event link must not have an empty run ID field", r => r.Links.Add(new Link { WorkflowEvent = new() { Namespace = "n", WorkflowId = "w" } }) },
        { "invalid url: unknown scheme: ftp://example.com/callback", r => r.CompletionCallbacks.Add(Callback("ftp://example.com/callback")) },
        { "invalid url: missing host", r => r.CompletionCallbacks.Add(Callback("http://")) },
        {
            "invalid url: url does not match any configured callback address: https://example.com/callback",
            r => r.CompletionCallbacks.Add(Callback("https://example.com/callback"))
        },
        {
            "Namespace default has no mapping defined for search attribute NoSuchAttribute",
            r => r.SearchAttributes = new SearchAttributes { IndexedFields = { ["NoSuchAttribute"] = new Payload { Data = ByteString.CopyFromUtf8("1") } } }
        },
    };

    [Theory]
    [MemberData(nameof(BadStarts))]
    public async Task A_start_that_lacks_or_contradicts_something_is_refused(string message, Action<StartWorkflowExecutionRequest> spoil)
    {
        await using var server = await ServerFixture.StartAsync();
        var request = ServerFixture.StartRequest();
        spoil(request);

        var refusal = await server.RefusalAsync(request);

        refusal.Message.ShouldBe(message);
        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
        (await server.RefusalAsync(Describe("wf"))).Kind.ShouldBe(RefusalKind.NotFound, "nothing was started");
    }

    [Fact]
    public async Task A_kind_of_timeout_may_be_named_as_the_enum_has_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var request = ServerFixture.StartRequest();
        request.RetryPolicy = new RetryPolicy { NonRetryableErrorTypes = { "TemporalTimeout:TIMEOUT_TYPE_HEARTBEAT" } };

        (await server.CallAsync<StartWorkflowExecutionResponse>(request)).Started.ShouldBeTrue();
    }

    public static TheoryData<string, IMessage> NotThere => new()
    {
        { "versioning overrides are not supported", Start(r => r.VersioningOverride = new Temporalio.Api.Workflow.V1.VersioningOverride { AutoUpgrade = true }) },
        { "versioning overrides are not supported", SignalWithStart(r => r.VersioningOverride = new Temporalio.Api.Workflow.V1.VersioningOverride { AutoUpgrade = true }) },
        { "The Time-Skipping feature is not enabled for namespace.", Start(r => r.TimeSkippingConfig = new TimeSkippingConfig()) },
    };

    [Theory]
    [MemberData(nameof(NotThere))]
    public async Task What_a_start_asks_for_that_is_not_there_is_refused_by_name(string message, IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        InNamespace(request, ServerFixture.Namespace);

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.Unimplemented, message));
    }

    public static TheoryData<IMessage> Disabled =>
    [
        new GetWorkerBuildIdCompatibilityRequest(),
        new UpdateWorkerVersioningRulesRequest(),
        new GetWorkerTaskReachabilityRequest(),
        new DescribeDeploymentRequest(),
    ];

    [Theory]
    [MemberData(nameof(Disabled))]
    public async Task That_a_namespace_is_not_there_is_told_before_that_something_is_switched_off(IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        InNamespace(request, "nowhere");

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.NotFound, "Namespace nowhere is not found."));
    }

    public static TheoryData<string, IMessage> BadCalls
    {
        get
        {
            var execution = new WorkflowExecution { WorkflowId = "wf" };
            var badRun = new WorkflowExecution { WorkflowId = "wf", RunId = "not-a-run-id" };
            var token = ByteString.CopyFromUtf8("this is not a task token");
            var activity = new TaskToken(TaskTokenKind.Activity, new ExecutionKey("n", "wf", "run"), 5, 0, 1, "a").ToBytes();
            return new TheoryData<string, IMessage>
            {
                { "Execution is not set on request.", new DescribeWorkflowExecutionRequest() },
                { "WorkflowId is not set on request.", new DescribeWorkflowExecutionRequest { Execution = new WorkflowExecution() } },
                { "Invalid RunId.", new DescribeWorkflowExecutionRequest { Execution = badRun } },
                { "Invalid RunId.", new GetWorkflowExecutionHistoryRequest { Execution = badRun } },
                { "Invalid NextPageToken.", new GetWorkflowExecutionHistoryRequest { Execution = execution, NextPageToken = token } },
                { "Invalid NextPageToken.", new GetWorkflowExecutionHistoryReverseRequest { Execution = execution, NextPageToken = token } },
                { "SignalName is not set on request.", new SignalWorkflowExecutionRequest { WorkflowExecution = execution } },
                { "SignalName length exceeds limit.", new SignalWorkflowExecutionRequest { WorkflowExecution = execution, SignalName = TooLong } },
                { "RequestId length exceeds limit.", new SignalWorkflowExecutionRequest { WorkflowExecution = execution, SignalName = "s", RequestId = TooLong } },
                { "Blob data size exceeds limit.", new SignalWorkflowExecutionRequest { WorkflowExecution = execution, SignalName = "s", Input = new Payloads { Payloads_ = { Bulk() } } } },
                { "Invalid RunId.", new RequestCancelWorkflowExecutionRequest { WorkflowExecution = badRun } },
                { "Invalid RunId.", new TerminateWorkflowExecutionRequest { WorkflowExecution = badRun } },
                { "Invalid RunId.", new DeleteWorkflowExecutionRequest { WorkflowExecution = badRun } },
                { "WorkflowQuery is not set on request.", new QueryWorkflowRequest { Execution = execution } },
                { "QueryType is not set on request.", new QueryWorkflowRequest { Execution = execution, Query = new WorkflowQuery() } },
                { "signal not set", SignalWithStart(r => r.SignalName = string.Empty) },
                { "signal name exceeds maximum allowed length (1100/1000)", SignalWithStart(r => r.SignalName = TooLong) },
                { "workflow type not set", SignalWithStart(r => r.WorkflowType = null) },
                {
                    "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.",
                    SignalWithStart(r => r.WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.Fail)
                },
                { "taskQueue is not set", new PollWorkflowTaskQueueRequest() },
                { "missing task queue name", new PollActivityTaskQueueRequest { TaskQueue = new TaskQueue() } },
                { "Identity length exceeds limit.", new PollActivityTaskQueueRequest { TaskQueue = new TaskQueue { Name = "q" }, Identity = TooLong } },
                { "Task token not set on request.", new RespondWorkflowTaskCompletedRequest() },
                { "Error deserializing task token.", new RespondWorkflowTaskCompletedRequest { TaskToken = token } },
                { "Task token not set on request.", new RespondWorkflowTaskFailedRequest() },
                { "Task token not set on request.", new RespondQueryTaskCompletedRequest() },
                { "Task token not set on request.", new RespondActivityTaskCompletedRequest() },
                { "Error deserializing task token.", new RespondActivityTaskCompletedRequest { TaskToken = token } },
                { "Task token not set on request.", new RecordActivityTaskHeartbeatRequest() },
                { "Failure must have ApplicationFailureInfo.", new RespondActivityTaskFailedRequest { TaskToken = activity, Failure = new Failure { CanceledFailureInfo = new() } } },
                { "ActivityId is not set on request.", new RespondActivityTaskCompletedByIdRequest { WorkflowId = "wf" } },
                { "RunId is not valid UUID.", new RecordActivityTaskHeartbeatByIdRequest { WorkflowId = "wf", ActivityId = "a", RunId = "x" } },
                { "Cluster is not configured for visibility archival.", new ListArchivedWorkflowExecutionsRequest() },
                { "malformed query: syntax error at position 29", new ListWorkersRequest { Query = "(" } },
                { "operation is not supported: 'limit' clause", new ListWorkersRequest { Query = "SdkName = 'x' LIMIT 1" } },
                { "malformed query: syntax error at position 33 near 'group'", new ListWorkersRequest { Query = "GROUP BY TaskQueue" } },
                { "RequestsPerSecond for UpdateQueueRateLimit rate limit must be non-negative.", new UpdateTaskQueueConfigRequest { TaskQueueType = TaskQueueType.Activity, UpdateQueueRateLimit = new() { RateLimit = new RateLimit { RequestsPerSecond = -1 } } } },
                { "RequestId is not set on request.", new ResetWorkflowExecutionRequest { WorkflowExecution = execution } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(BadCalls))]
    public async Task A_call_that_lacks_or_contradicts_something_is_refused(string message, IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        InNamespace(request, ServerFixture.Namespace);

        var refusal = await server.RefusalAsync(request, server.PollContext());

        refusal.Message.ShouldBe(message);
        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
    }

    /// <summary>SDKs test their own errors with tokens that Temporal's server could have given.</summary>
    [Fact]
    public async Task A_task_token_of_another_server_names_a_run_that_is_not_here()
    {
        await using var server = await ServerFixture.StartAsync();
        var ns = await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = ServerFixture.Namespace });
        var token = new TemporalTaskToken { NamespaceId = ns.NamespaceInfo.Id, WorkflowId = "elsewhere", RunId = "90a8fb3c-0f0e-4c4f-a4d1-1f3a4a5d6c7b" };

        var refusal = await server.RefusalAsync(new RespondActivityTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = token.ToByteString() });

        (refusal.Kind, refusal.Message).ShouldBe(
            (RefusalKind.NotFound, "workflow execution not found for workflow ID \"elsewhere\" and run ID \"90a8fb3c-0f0e-4c4f-a4d1-1f3a4a5d6c7b\""));
    }

    [Theory]
    [MemberData(nameof(BadCalls))]
    public async Task Every_call_in_a_namespace_that_is_not_there_says_so_first(string message, IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        InNamespace(request, "no-such-namespace");

        var refusal = await server.RefusalAsync(request);

        refusal.Kind.ShouldBe(RefusalKind.NotFound, message);
        refusal.Message.ShouldBe("Namespace no-such-namespace is not found.");
        refusal.Detail.ShouldBeOfType<NamespaceNotFoundFailure>().Namespace.ShouldBe("no-such-namespace");
    }

    [Fact]
    public async Task What_is_not_there_is_not_advertised()
    {
        await using var server = await ServerFixture.StartAsync();

        var capabilities = (await server.CallAsync<GetSystemInfoResponse>(new GetSystemInfoRequest())).Capabilities;

        capabilities.ShouldBe(new GetSystemInfoResponse.Types.Capabilities
        {
            SignalAndQueryHeader = true,
            InternalErrorDifferentiation = true,
            ActivityFailureIncludeHeartbeat = true,
            EncodedFailureAttributes = true,
            UpsertMemo = true,
            EagerWorkflowStart = true,
            SdkMetadata = true,
            CountGroupByExecutionStatus = true,
            SupportsSchedules = true,
        });
    }

    [Fact]
    public async Task A_call_that_is_not_built_yet_answers_unimplemented_by_name()
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(new CreateWorkflowRuleRequest { Namespace = ServerFixture.Namespace });

        refusal.Kind.ShouldBe(RefusalKind.Unimplemented);
        refusal.Message.ShouldBe("method CreateWorkflowRule not implemented");
    }

    [Fact]
    public async Task A_page_token_belongs_to_its_run()
    {
        await using var server = await ServerFixture.StartAsync();
        var first = await server.StartWorkflowAsync("first");
        var second = await server.StartWorkflowAsync("second");
        var page = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(new GetWorkflowExecutionHistoryRequest
        {
            Namespace = ServerFixture.Namespace,
            Execution = new WorkflowExecution { WorkflowId = "first", RunId = first.RunId },
            MaximumPageSize = 1,
        });

        var refusal = await server.RefusalAsync(new GetWorkflowExecutionHistoryRequest
        {
            Namespace = ServerFixture.Namespace,
            Execution = new WorkflowExecution { WorkflowId = "second", RunId = second.RunId },
            NextPageToken = page.NextPageToken,
        });

        refusal.Message.ShouldBe("RunId in the request does not match the NextPageToken.");
    }

    [Theory]
    [InlineData("temporal-typescript", "99.0.0", RefusalKind.FailedPrecondition, "Client version 99.0.0 is not supported. Server supports temporal-typescript versions: <2.0.0")]
    [InlineData("temporal-typescript", "not-a-version", RefusalKind.InvalidArgument, "Unable to parse client version: No Major.Minor.Patch elements found")]
    public async Task Clients_that_are_too_new_or_make_no_sense_are_refused(string name, string version, RefusalKind kind, string message)
    {
        await using var server = await ServerFixture.StartAsync();
        var context = server.Context(metadata: new Dictionary<string, string> { ["client-name"] = name, ["client-version"] = version });

        var refusal = await server.RefusalAsync(new GetSystemInfoRequest(), context);

        refusal.Kind.ShouldBe(kind);
        refusal.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("some-client", "not-a-version")]
    [InlineData("temporal-typescript", "1.24.0-rc.1+build")]
    public async Task Clients_that_are_unknown_or_supported_may_call(string name, string version)
    {
        await using var server = await ServerFixture.StartAsync();
        var context = server.Context(metadata: new Dictionary<string, string> { ["client-name"] = name, ["client-version"] = version });

        (await server.CallAsync<GetSystemInfoResponse>(new GetSystemInfoRequest(), context)).Capabilities.SdkMetadata.ShouldBeTrue();
    }

    private static DescribeWorkflowExecutionRequest Describe(string workflowId) =>
        new() { Namespace = ServerFixture.Namespace, Execution = new WorkflowExecution { WorkflowId = workflowId } };

    private static StartWorkflowExecutionRequest Start(Action<StartWorkflowExecutionRequest> spoil)
    {
        var request = ServerFixture.StartRequest();
        spoil(request);
        return request;
    }

    private static SignalWithStartWorkflowExecutionRequest SignalWithStart(Action<SignalWithStartWorkflowExecutionRequest> spoil)
    {
        var request = new SignalWithStartWorkflowExecutionRequest
        {
            WorkflowId = "signalled",
            WorkflowType = new WorkflowType { Name = "type" },
            TaskQueue = new TaskQueue { Name = "q" },
            SignalName = "s",
        };
        spoil(request);
        return request;
    }

    private static void InNamespace(IMessage request, string name) => request.Descriptor.FindFieldByName("namespace").Accessor.SetValue(request, name);

    private static Payload Bulk() => new() { Data = ByteString.CopyFrom(new byte[2 * 1024 * 1024]) };

    private static Link WorkflowLink() => new() { WorkflowEvent = new() { Namespace = "n", WorkflowId = "w", RunId = "r" } };

    private static Callback Callback(string url) => new() { Nexus = new() { Url = url } };
}
