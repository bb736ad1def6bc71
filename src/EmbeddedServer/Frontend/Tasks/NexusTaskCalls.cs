using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Frontend.Workers;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>
/// Polls of workers that have Nexus services. There is no Nexus here and so never a task; but a refusal would have each such worker ask again and
/// again, and say in its log that something is wrong. The poll is held like any other and answered with nothing.
/// </summary>
internal sealed class NexusTaskCalls(FrontendServices services, WorkerRegistry workers)
{
    public async Task<PollNexusTaskQueueResponse> PollAsync(PollNexusTaskQueueRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        LongPoll.RequireTime(context, services.WallClock);
        TaskQueueRules.Normalize(request.TaskQueue);
        Require.Identity(request.Identity);
        workers.Record(ns.Id, request.WorkerHeartbeat);
#pragma warning disable CS0612 // Workers of old say their version so.
        WorkerVersionRules.Check(request.WorkerVersionCapabilities, request.DeploymentOptions, request.TaskQueue);
        var queue = new QueueKey(ns.Id, request.TaskQueue.Name, TaskKind.Nexus);
        var poller = new PollerIdentity(request.Identity, request.WorkerInstanceKey, MaxTasksPerSecond: null)
        {
            VersionCapabilities = request.WorkerVersionCapabilities,
            Deployment = request.DeploymentOptions,
        };
#pragma warning restore CS0612
        var hold = new LongPoll(context, Limits.TaskPoll, services.WallClock);
        await services.Matching.PollAsync(queue, poller, hold.Remaining, context.CancellationToken).ConfigureAwait(false);
        return new PollNexusTaskQueueResponse();
    }
}
