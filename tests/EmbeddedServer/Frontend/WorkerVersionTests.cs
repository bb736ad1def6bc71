using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Deployment.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What workers say of their builds: it routes nothing, but what makes no sense is refused.</summary>
public sealed class WorkerVersionTests
{
    private const string Together = "Deployment name and build id must be set together.";

#pragma warning disable CS0612 // Workers of old say their version so.
    public static TheoryData<string, IMessage> Polls => new()
    {
        { "WorkerVersionStamp must be present if UseVersioning is true.", Workflow(p => p.WorkerVersionCapabilities = new() { UseVersioning = true }) },
        { "WorkerVersionStamp must be present if UseVersioning is true.", Activity(p => p.WorkerVersionCapabilities = new() { UseVersioning = true }) },
        {
            "NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.",
            Workflow(p => (p.TaskQueue.Kind, p.DeploymentOptions) = (TaskQueueKind.Sticky, new()))
        },
        {
            "Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.",
            Workflow(p => p.WorkerVersionCapabilities = new() { BuildId = new string('b', 256) })
        },
        { Together, Workflow(p => p.DeploymentOptions = Deployment("", "1")) },
        { Together, Activity(p => p.DeploymentOptions = Deployment("orders", "")) },
        { "worker deployment name cannot contain '.'", Workflow(p => p.DeploymentOptions = Deployment("orders.eu", "1")) },
        { "worker deployment name cannot contain ':'", Workflow(p => p.DeploymentOptions = Deployment("orders:eu", "1")) },
        { "WorkerDeploymentName cannot start with '__'", Workflow(p => p.DeploymentOptions = Deployment("__orders", "1")) },
        { "BuildID cannot start with '__'", Workflow(p => p.DeploymentOptions = Deployment("orders", "__1")) },
        { "size of BuildID larger than the maximum allowed", Workflow(p => p.DeploymentOptions = Deployment("orders", new string('b', 500))) },
        { "Binary old already marked as bad deployment.", Workflow(p => p.BinaryChecksum = "old") },
    };

    [Theory]
    [MemberData(nameof(Polls))]
    public async Task A_poll_of_a_version_that_makes_no_sense_is_refused(string message, IMessage poll)
    {
        await using var server = await StartAsync();

        var refused = await server.RefusalAsync(poll, server.PollContext());

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, message));
    }

    public static TheoryData<string, Action<RespondWorkflowTaskCompletedRequest>> Answers => new()
    {
        { "WorkerVersionStamp must be present if UseVersioning is true.", r => r.WorkerVersionStamp = new WorkerVersionStamp { UseVersioning = true } },
        { Together, r => r.DeploymentOptions = Deployment("orders", "") },
        {
            "versioning behavior cannot be specified without deployment options being set with versioned mode",
            r => r.VersioningBehavior = VersioningBehavior.Pinned
        },
        { "BadBinary: binary old is marked as bad deployment", r => r.BinaryChecksum = "old" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_of_a_version_that_makes_no_sense_is_refused(string message, Action<RespondWorkflowTaskCompletedRequest> spoil)
    {
        await using var server = await StartAsync();
        await server.StartWorkflowAsync();
        var answer = new RespondWorkflowTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = (await server.PollAsync()).TaskToken };
        spoil(answer);

        var refused = await server.RefusalAsync(answer);

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.InvalidArgument, message));
    }
#pragma warning restore CS0612

    private static async Task<ServerFixture> StartAsync()
    {
        var server = await ServerFixture.StartAsync();
        await server.CallAsync<UpdateNamespaceResponse>(new UpdateNamespaceRequest
        {
            Namespace = ServerFixture.Namespace,
            Config = new NamespaceConfig { BadBinaries = new BadBinaries { Binaries = { ["old"] = new BadBinaryInfo() } } },
        });
        return server;
    }

    private static PollWorkflowTaskQueueRequest Workflow(Action<PollWorkflowTaskQueueRequest> spoil)
    {
        var request = ServerFixture.PollRequest();
        spoil(request);
        return request;
    }

    private static PollActivityTaskQueueRequest Activity(Action<PollActivityTaskQueueRequest> spoil)
    {
        var request = new PollActivityTaskQueueRequest { Namespace = ServerFixture.Namespace, TaskQueue = new TaskQueue { Name = ServerFixture.Queue } };
        spoil(request);
        return request;
    }

    private static WorkerDeploymentOptions Deployment(string name, string build) =>
        new() { DeploymentName = name, BuildId = build, WorkerVersioningMode = WorkerVersioningMode.Versioned };
}
