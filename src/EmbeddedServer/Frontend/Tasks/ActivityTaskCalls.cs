using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>Poll for activity tasks, and answer them by token.</summary>
internal sealed class ActivityTaskCalls(FrontendServices services, TaskHandback handback)
{
    public async Task<PollActivityTaskQueueResponse> PollAsync(PollActivityTaskQueueRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        LongPoll.RequireTime(context, services.WallClock);
        TaskQueueRules.Normalize(request.TaskQueue);
        Require.Identity(request.Identity);
#pragma warning disable CS0612 // Workers of old say their version so.
        WorkerVersionRules.Check(request.WorkerVersionCapabilities, request.DeploymentOptions, request.TaskQueue);
        var queue = new QueueKey(ns.Id, request.TaskQueue.Name, TaskKind.Activity);
        var poller = new PollerIdentity(request.Identity, request.WorkerInstanceKey, request.TaskQueueMetadata?.MaxTasksPerSecond)
        {
            VersionCapabilities = request.WorkerVersionCapabilities,
            Deployment = request.DeploymentOptions,
        };
#pragma warning restore CS0612
        var hold = new LongPoll(context, Limits.TaskPoll, services.WallClock);
        var scaling = new PollerScaling(services.WallClock);
        while (await services.Matching.PollAsync(queue, poller, hold.Remaining, context.CancellationToken).ConfigureAwait(false) is { } matched)
        {
            if (await handback.StartAsync(matched, () => services.History.Activities.StartAsync(ns, matched.Task!, request)).ConfigureAwait(false) is { } task)
            {
                handback.Watch(context, ns, task);
                task.PollerScalingDecision = scaling.Decide(matched.BacklogCount);
                return task;
            }
        }

        return new PollActivityTaskQueueResponse();
    }

    public async Task<RespondActivityTaskCompletedResponse> CompleteAsync(RespondActivityTaskCompletedRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        Require.Identity(request.Identity);
        await services.History.ActivityAnswers.CompleteAsync(ns, request).ConfigureAwait(false);
        return new RespondActivityTaskCompletedResponse();
    }

    public async Task<RespondActivityTaskFailedResponse> FailAsync(RespondActivityTaskFailedRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        CheckFailure(request.Failure);
        Require.Identity(request.Identity);
        return new RespondActivityTaskFailedResponse { Failures = { await services.History.ActivityAnswers.FailAsync(ns, request).ConfigureAwait(false) } };
    }

    public async Task<RespondActivityTaskCanceledResponse> CancelAsync(RespondActivityTaskCanceledRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        Require.Identity(request.Identity);
        await services.History.ActivityAnswers.CancelAsync(ns, request).ConfigureAwait(false);
        return new RespondActivityTaskCanceledResponse();
    }

    public Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(RecordActivityTaskHeartbeatRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        return services.History.ActivityAnswers.HeartbeatAsync(ns, request);
    }

    /// <summary>A worker reports failures of its application only; everything else is the server's to say.</summary>
    internal static void CheckFailure(Failure? failure)
    {
        if (failure is not null && failure.FailureInfoCase != Failure.FailureInfoOneofCase.ApplicationFailureInfo)
        {
            throw Refusals.InvalidArgument("Failure must have ApplicationFailureInfo.");
        }
    }
}
