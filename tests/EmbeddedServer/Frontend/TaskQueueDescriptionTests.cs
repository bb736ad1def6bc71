using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Deployment.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What DescribeTaskQueue tells of a queue, of who polls it, and of builds.</summary>
public sealed class TaskQueueDescriptionTests
{
#pragma warning disable CS0612 // Old fields and modes that are still taken.
    [Fact]
    public async Task A_poller_is_told_with_what_it_said_of_its_build()
    {
        await using var server = await ServerFixture.StartAsync();
        var capabilities = new WorkerVersionCapabilities { BuildId = "1.0" };
        var deployment = new WorkerDeploymentOptions { DeploymentName = "orders", BuildId = "1.0" };
        _ = server.CallAsync<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest(ServerFixture.PollRequest()) { WorkerVersionCapabilities = capabilities, DeploymentOptions = deployment }, server.PollContext());

        var poller = (await DescribeAsync(server)).Pollers.ShouldHaveSingleItem();

        (poller.WorkerVersionCapabilities, poller.DeploymentOptions).ShouldBe((capabilities, deployment));
    }

    [Fact]
    public async Task A_poller_that_says_too_much_of_its_build_is_told_without()
    {
        await using var server = await ServerFixture.StartAsync();
        var deployment = new WorkerDeploymentOptions { DeploymentName = new string('x', 3_000) };
        _ = server.CallAsync<PollWorkflowTaskQueueResponse>(new PollWorkflowTaskQueueRequest(ServerFixture.PollRequest()) { DeploymentOptions = deployment }, server.PollContext());

        (await DescribeAsync(server)).Pollers.ShouldHaveSingleItem().DeploymentOptions.ShouldBeNull();
    }

    [Fact]
    public async Task A_poller_is_told_with_its_own_limit_not_with_the_queues()
    {
        await using var server = await ServerFixture.StartAsync();
        await LimitAsync(server, perSecond: 5);
        PollActivities(server, perSecond: null);

        (await DescribeAsync(server, TaskQueueType.Activity)).Pollers.ShouldHaveSingleItem().RatePerSecond.ShouldBe(100_000);
    }

    [Theory]
    [InlineData(5, 5, RateLimitSource.Api)]
    [InlineData(4_000, 4_000, RateLimitSource.System)]
    [InlineData(5_000, 4_000, RateLimitSource.System)]
    public async Task No_queue_is_faster_than_the_system(float configured, float told, RateLimitSource source)
    {
        await using var server = await ServerFixture.StartAsync();
        await LimitAsync(server, configured);

        var limit = (await DescribeAsync(server, TaskQueueType.Activity, r => r.ReportStats = true)).EffectiveRateLimit;

        (limit.RequestsPerSecond, limit.RateLimitSource).ShouldBe((told, source));
    }

    [Theory]
    [InlineData(TaskQueueType.Unspecified, true)]
    [InlineData(TaskQueueType.Workflow, false)]
    public async Task A_sticky_queue_has_a_version_where_its_type_is_not_asked_for(TaskQueueType type, bool isTold)
    {
        await using var server = await ServerFixture.StartAsync();

        var described = await DescribeAsync(server, change: r => (r.TaskQueue.Kind, r.TaskQueueType) = (TaskQueueKind.Sticky, type));

        (described.VersioningInfo is not null).ShouldBe(isTold);
    }

    [Fact]
    public async Task The_numbers_of_tasks_are_those_of_a_new_queue()
    {
        await using var server = await ServerFixture.StartAsync();

        var described = await DescribeAsync(server, change: r => r.IncludeTaskQueueStatus = true);

        described.TaskQueueStatus.TaskIdBlock.ShouldBe(new TaskIdBlock { StartId = 1, EndId = 100_000 });
    }

    [Fact]
    public async Task Every_task_is_reachable_by_workers_without_a_build_and_none_by_others()
    {
        await using var server = await ServerFixture.StartAsync();

        var described = await DescribeEnhancedAsync(server, r =>
        {
            r.Versions = new TaskQueueVersionSelection { BuildIds = { "1.0" }, Unversioned = true };
            r.ReportTaskReachability = true;
        });

        described.VersionsInfo.ToDictionary(version => version.Key, version => version.Value.TaskReachability).ShouldBe(
            new Dictionary<string, BuildIdTaskReachability> { ["1.0"] = BuildIdTaskReachability.Unreachable, [""] = BuildIdTaskReachability.Reachable }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_build_that_was_not_asked_for_is_not_told()
    {
        await using var server = await ServerFixture.StartAsync();

        var described = await DescribeEnhancedAsync(server, r => r.Versions = new TaskQueueVersionSelection { BuildIds = { "1.0" } });

        described.VersionsInfo.Keys.ShouldBe(["1.0"]);
    }

    [Fact]
    public async Task Reachability_is_told_of_five_builds_at_once()
    {
        await using var server = await ServerFixture.StartAsync();

        var refused = await server.RefusalAsync(Request(TaskQueueType.Workflow, r =>
        {
            r.ApiMode = DescribeTaskQueueMode.Enhanced;
            r.ReportTaskReachability = true;
            r.Versions = new TaskQueueVersionSelection { BuildIds = { "1", "2", "3", "4", "5", "6" } };
        }));

        (refused.Kind, refused.Message).ShouldBe(
            (RefusalKind.InvalidArgument, "Too many build ids queried at once with ReportTaskReachability==true, limit: 5"));
    }

    private static Task<DescribeTaskQueueResponse> DescribeEnhancedAsync(ServerFixture server, Action<DescribeTaskQueueRequest> change) => DescribeAsync(server, change: r =>
    {
        r.ApiMode = DescribeTaskQueueMode.Enhanced;
        change(r);
    });
#pragma warning restore CS0612

    private static void PollActivities(ServerFixture server, double? perSecond) =>
        _ = server.Matching.PollAsync(
            new QueueKey(IdOf(server), ServerFixture.Queue, TaskKind.Activity), new PollerIdentity("worker", null, perSecond), TimeSpan.FromMinutes(1), CancellationToken.None);

    private static string IdOf(ServerFixture server) => server.Store.ReadNamespaces().Single(row => row.Name == ServerFixture.Namespace).Id;

    private static Task LimitAsync(ServerFixture server, float perSecond) => server.CallAsync<UpdateTaskQueueConfigResponse>(new UpdateTaskQueueConfigRequest
    {
        Namespace = ServerFixture.Namespace,
        TaskQueue = ServerFixture.Queue,
        TaskQueueType = TaskQueueType.Activity,
        UpdateQueueRateLimit = new() { RateLimit = new RateLimit { RequestsPerSecond = perSecond } },
    });

    private static Task<DescribeTaskQueueResponse> DescribeAsync(
        ServerFixture server, TaskQueueType type = TaskQueueType.Workflow, Action<DescribeTaskQueueRequest>? change = null) =>
        server.CallAsync<DescribeTaskQueueResponse>(Request(type, change));

    private static DescribeTaskQueueRequest Request(TaskQueueType type, Action<DescribeTaskQueueRequest>? change)
    {
        var request = new DescribeTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new() { Name = ServerFixture.Queue }, TaskQueueType = type };
        change?.Invoke(request);
        return request;
    }
}
