using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services;

/// <summary>What is asked, by whom and under which ids.</summary>
internal sealed record RequestContext(string Caller, string? IdempotencyKey, string CorrelationId);

/// <summary>Starts runs, each once: the same request attaches to its run, another request for a live service is refused.</summary>
internal sealed class ServiceRequests(ITemporalClient client, IdempotencyKeys keys, RunPages pages)
{
    public async Task<ServiceAccepted> RequestAsync(ServiceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var digest = RequestDigest.Of(request);
        if (context.IdempotencyKey is not { } key)
            return await StartAsync(request, digest, keyDigest: null, context, cancellationToken);

        var keyDigest = RequestDigest.OfKey(context.Caller, key);
        using var turn = await keys.TakeTurnAsync(keyDigest, cancellationToken);
        if (await keys.FindAsync(keyDigest, cancellationToken) is { } prior)
        {
            return prior.RequestDigest == digest
                ? await AttachAsync(prior.WorkflowId, prior.RunId, cancellationToken)
                : throw new ProblemException(Problems.KeyReused(ServiceIds.FromWorkflowId(prior.WorkflowId)));
        }
        var accepted = await StartAsync(request, digest, keyDigest, context, cancellationToken);
        keys.Remember(keyDigest, new KeyedRun(OnboardingContract.WorkflowIdPrefix + accepted.Id, accepted.RunId, digest));
        return accepted;
    }

    private async Task<ServiceAccepted> StartAsync(
        ServiceRequest request, string digest, string? keyDigest, RequestContext context, CancellationToken cancellationToken)
    {
        var workflowId = OnboardingContract.WorkflowId(request.Name, request.Environment);
        try
        {
            var handle = await client.StartWorkflowAsync(OnboardingContract.WorkflowType, [request], new WorkflowOptions(workflowId, OnboardingContract.OnboardingTaskQueue)
            {
                IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicateFailedOnly,
                IdConflictPolicy = WorkflowIdConflictPolicy.Fail,
                StaticSummary = OnboardingDetails.Summary(request),
                StaticDetails = OnboardingDetails.Of(request),
                Memo = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    [ServiceMemo.RequestDigest] = digest,
                    [ServiceMemo.RequestId] = request.RequestId,
                    [ServiceMemo.CorrelationId] = context.CorrelationId,
                },
                TypedSearchAttributes = Attributes(request, keyDigest),
                Rpc = new RpcOptions { CancellationToken = cancellationToken },
            });
            return Accepted(workflowId, handle.ResultRunId ?? handle.RunId ?? "", request.RequestId, OnboardingStatus.Pending, started: true);
        }
        catch (WorkflowAlreadyStartedException existing)
        {
            var description = await client.GetWorkflowHandle(workflowId, existing.RunId)
                .DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
            if (await MemoReader.TextAsync(description.Memo, ServiceMemo.RequestDigest) == digest)
                return await AttachAsync(workflowId, existing.RunId, cancellationToken);
            throw new ProblemException(AlreadyThere(workflowId, description.Status));
        }
    }

    private async Task<ServiceAccepted> AttachAsync(string workflowId, string runId, CancellationToken cancellationToken)
    {
        var execution = await client.GetWorkflowHandle(workflowId, runId)
            .DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
        var phase = execution.TypedSearchAttributes.TryGetValue(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State), out var value) ? value : "";
        var requestId = await MemoReader.TextAsync(execution.Memo, ServiceMemo.RequestId);
        return Accepted(workflowId, runId, requestId, ServiceStates.Of(execution.Status, phase).Status, started: false);
    }

    private ServiceAccepted Accepted(string workflowId, string runId, string requestId, OnboardingStatus status, bool started)
    {
        var id = ServiceIds.FromWorkflowId(workflowId);
        return new ServiceAccepted
        {
            Id = id,
            RunId = runId,
            RequestId = requestId,
            Status = status,
            Started = started,
            Href = $"{ApiPaths.Services}/{id}",
            EventsHref = $"{ApiPaths.Services}/{id}/events",
            RunPage = pages.Of(workflowId, runId),
        };
    }

    private static Problem AlreadyThere(string workflowId, WorkflowExecutionStatus status)
    {
        var id = ServiceIds.FromWorkflowId(workflowId);
        return status == WorkflowExecutionStatus.Running ? Problems.ServiceInFlight(id) : Problems.ServiceExists(id);
    }

    private static SearchAttributeCollection Attributes(ServiceRequest request, string? keyDigest)
    {
        var builder = new SearchAttributeCollection.Builder()
            .Set(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service), request.Name)
            .Set(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Team), request.Team)
            .Set(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Environment), request.Environment)
            .Set(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State), OnboardingPhase.Received.ToString());
        if (keyDigest is not null)
            builder.Set(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.IdempotencyKey), keyDigest);
        return builder.ToSearchAttributeCollection();
    }
}
