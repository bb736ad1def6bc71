using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>Poll for workflow tasks and queries, and answer them.</summary>
internal sealed class WorkflowTaskCalls(FrontendServices services, TaskHandback handback)
{
    public async Task<PollWorkflowTaskQueueResponse> PollAsync(PollWorkflowTaskQueueRequest request, CallContext context)
    {
        var entry = services.Namespaces.Resolve(request.Namespace);
        var ns = entry.Ref;
        LongPoll.RequireTime(context, services.WallClock);
        Require.Identity(request.Identity);
#pragma warning disable CS0612 // Workers of old say their version so.
        WorkerVersionRules.Check(request.WorkerVersionCapabilities, request.DeploymentOptions, request.TaskQueue);
        TaskQueueRules.Normalize(request.TaskQueue);
        if (entry.IsBad(request.BinaryChecksum))
        {
            throw Refusals.InvalidArgument($"Binary {request.BinaryChecksum} already marked as bad deployment.");
        }

        var queue = new QueueKey(ns.Id, request.TaskQueue.Name, TaskKind.Workflow);
        var poller = new PollerIdentity(request.Identity, request.WorkerInstanceKey, MaxTasksPerSecond: null)
        {
            VersionCapabilities = request.WorkerVersionCapabilities,
            Deployment = request.DeploymentOptions,
        };
#pragma warning restore CS0612
        var hold = new LongPoll(context, Limits.TaskPoll, services.WallClock);
        var scaling = new PollerScaling(services.WallClock);
        while (await services.Matching.PollAsync(queue, poller, hold.Remaining, context.CancellationToken).ConfigureAwait(false) is { } matched)
        {
            if (await handback.StartAsync(matched, () => StartAsync(ns, matched, request, context)).ConfigureAwait(false) is { } task)
            {
                task.BacklogCountHint = matched.BacklogCount;
                task.PollerScalingDecision = scaling.Decide(matched.BacklogCount);
                return task;
            }
        }

        return new PollWorkflowTaskQueueResponse();
    }

    public async Task<RespondWorkflowTaskCompletedResponse> CompleteAsync(RespondWorkflowTaskCompletedRequest request, CallContext context)
    {
        var entry = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken);
        var ns = entry.Ref;
        Require.TaskToken(request.TaskToken, ns);
        Require.Identity(request.Identity);
#pragma warning disable CS0612 // Workers of old say their version so.
        WorkerVersionRules.Check(request.WorkerVersionStamp, request.DeploymentOptions, request.StickyAttributes?.WorkerTaskQueue);
        var response = await services.History.Completion.CompleteAsync(ns, request, entry.IsBad(request.BinaryChecksum)).ConfigureAwait(false);
#pragma warning restore CS0612
        if (response.WorkflowTask is { TaskToken.IsEmpty: false } next)
        {
            handback.Watch(context, ns, next);
        }

        foreach (var activity in response.ActivityTasks)
        {
            handback.Watch(context, ns, activity);
        }

        return response;
    }

    public async Task<RespondWorkflowTaskFailedResponse> FailAsync(RespondWorkflowTaskFailedRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        Require.Identity(request.Identity);
        await services.History.WorkflowTasks.FailAsync(ns, request).ConfigureAwait(false);
        return new RespondWorkflowTaskFailedResponse();
    }

    public async Task<RespondQueryTaskCompletedResponse> CompleteQueryAsync(RespondQueryTaskCompletedRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForTask(request.Namespace, request.TaskToken).Ref;
        Require.TaskToken(request.TaskToken, ns);
        await services.History.Queries.CompleteAsync(ns, request).ConfigureAwait(false);
        return new RespondQueryTaskCompletedResponse();
    }

    private async Task<PollWorkflowTaskQueueResponse?> StartAsync(
        NamespaceRef ns, MatchedTask matched, PollWorkflowTaskQueueRequest request, CallContext context)
    {
        if (matched.Query is { } query)
        {
            var queryTask = await services.History.Queries.StartAsync(ns, query, request).ConfigureAwait(false);
            if (queryTask is not null)
            {
                handback.Watch(context, matched);
            }

            return queryTask;
        }

        var task = await services.History.WorkflowTasks.StartAsync(ns, matched.Task!, request).ConfigureAwait(false);
        if (task is not null)
        {
            handback.Watch(context, ns, task);
        }

        return task;
    }
}
