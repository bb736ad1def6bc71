using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>The calls that operate on standalone activities take those of workflows too.</summary>
public sealed class ActivityExecutionCallTests : IAsyncLifetime
{
    private ServerFixture server = null!;

    public async Task InitializeAsync()
    {
        server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();
        var task = await server.PollAsync();
        await server.CallAsync<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = ServerFixture.Namespace, TaskToken = task.TaskToken, Commands = { Commands.Activity("charge") },
        });
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task A_workflows_activity_is_paused()
    {
        await PauseAsync();

        (await ActivityAsync()).State.ShouldBe(PendingActivityState.Paused);
    }

    [Fact]
    public async Task One_that_is_paused_is_not_paused_again()
    {
        await PauseAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(PauseAsync);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.FailedPrecondition, "activity is already paused"));
    }

    [Fact]
    public async Task It_is_unpaused()
    {
        await PauseAsync();

        await server.CallAsync<UnpauseActivityExecutionResponse>(new UnpauseActivityExecutionRequest
        {
            Namespace = ServerFixture.Namespace, WorkflowId = "wf", ActivityId = "charge",
        });

        (await ActivityAsync()).Paused.ShouldBeFalse();
    }

    [Fact]
    public async Task It_stays_paused_when_it_is_reset_so()
    {
        await PauseAsync();

        await server.CallAsync<ResetActivityExecutionResponse>(new ResetActivityExecutionRequest
        {
            Namespace = ServerFixture.Namespace, WorkflowId = "wf", ActivityId = "charge", KeepPaused = true,
        });

        (await ActivityAsync()).Paused.ShouldBeTrue();
    }

    [Fact]
    public async Task A_retry_policy_is_changed_as_a_whole_with_its_defaults()
    {
        var changed = await server.CallAsync<UpdateActivityExecutionOptionsResponse>(
            Change(new ActivityOptions { RetryPolicy = new RetryPolicy { InitialInterval = Commands.Seconds(2), MaximumAttempts = 3 } }, "retry_policy"));

        changed.ActivityOptions.RetryPolicy.ShouldBe(
            new RetryPolicy { InitialInterval = Commands.Seconds(2), BackoffCoefficient = 2, MaximumInterval = Commands.Seconds(200), MaximumAttempts = 3 });
    }

    [Fact]
    public async Task Changed_options_are_told_with_all_limits()
    {
        var changed = await server.CallAsync<UpdateActivityExecutionOptionsResponse>(Change(new ActivityOptions { StartToCloseTimeout = Commands.Seconds(77) }, "startToCloseTimeout"));

        (changed.ActivityOptions.StartToCloseTimeout, changed.ActivityOptions.HeartbeatTimeout).ShouldBe((Commands.Seconds(77), new Duration()));
    }

    public static TheoryData<RefusalKind, string, IMessage> Refused => new()
    {
        { RefusalKind.Unimplemented, "method PauseActivityExecution not implemented", new PauseActivityExecutionRequest { ActivityId = "charge" } },
        { RefusalKind.InvalidArgument, "activity ID is required", new PauseActivityExecutionRequest { WorkflowId = "wf" } },
        {
            RefusalKind.InvalidArgument, "identity exceeds length limit. Length=1001 Limit=1000",
            new UnpauseActivityExecutionRequest { WorkflowId = "wf", ActivityId = "charge", Identity = new string('i', 1_001) }
        },
        {
            RefusalKind.InvalidArgument, "invalid run id: must be a valid UUID",
            new ResetActivityExecutionRequest { WorkflowId = "wf", ActivityId = "charge", RunId = "none" }
        },
        {
            RefusalKind.InvalidArgument, "invalid jitter: negative duration",
            new UnpauseActivityExecutionRequest { WorkflowId = "wf", ActivityId = "charge", Jitter = Commands.Seconds(-1) }
        },
        { RefusalKind.InvalidArgument, "unsupported update_mask path: \"nope\"", Change(new ActivityOptions(), "nope") },
        { RefusalKind.InvalidArgument, "UpdateMask must specify at least one path", Change(new ActivityOptions()) },
        { RefusalKind.InvalidArgument, "invalid StartToCloseTimeout: negative duration", Change(new ActivityOptions { StartToCloseTimeout = Commands.Seconds(-1) }, "start_to_close_timeout") },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_makes_no_sense_is_refused(RefusalKind kind, string message, IMessage request)
    {
        request.Descriptor.FindFieldByName("namespace").Accessor.SetValue(request, ServerFixture.Namespace);

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((kind, message));
    }

    private static UpdateActivityExecutionOptionsRequest Change(ActivityOptions options, params string[] mask) => new()
    {
        Namespace = ServerFixture.Namespace,
        WorkflowId = "wf",
        ActivityId = "charge",
        ActivityOptions = options,
        UpdateMask = new FieldMask { Paths = { mask } },
    };

    private Task<PauseActivityExecutionResponse> PauseAsync() => server.CallAsync<PauseActivityExecutionResponse>(new PauseActivityExecutionRequest
    {
        Namespace = ServerFixture.Namespace, WorkflowId = "wf", ActivityId = "charge", Identity = "somebody",
    });

    private async Task<PendingActivityInfo> ActivityAsync() => (await server.CallAsync<DescribeWorkflowExecutionResponse>(
        new DescribeWorkflowExecutionRequest { Namespace = ServerFixture.Namespace, Execution = new WorkflowExecution { WorkflowId = "wf" } })).PendingActivities.ShouldHaveSingleItem();
}
