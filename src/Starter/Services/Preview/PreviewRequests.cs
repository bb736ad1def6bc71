using System.Text.Json;
using Onramp.Starter.Http;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services.Preview;

/// <summary>
/// Makes requests durable, each once: a request is a workflow whose id is the digest of caller and key, so the same key is the same request on
/// every starter. What the service says to it is told if it says so soon; if not, the request is taken all the same.
/// </summary>
internal sealed class PreviewRequests(ITemporalClient client, PreviewReader reader, RunPages pages, StarterOptions options)
{
    public async Task<ChangeAccepted> RequestAsync(string service, ChangeOrder order, Principal by, string? key, CancellationToken cancellationToken)
    {
        key ??= Guid.NewGuid().ToString("n");
        var changeId = Ids.ChangeId(by.Name, key);
        var digest = Ids.Digest(64, "request", service, JsonSerializer.Serialize(order, Wire.Json));
        var envelope = new RequestEnvelope { Service = service, Request = new ServiceRequested { ChangeId = changeId, Order = order, AskedBy = by } };
        var handle = await StartAsync(Ids.Request(by.Name, key), envelope, digest, cancellationToken);
        var answer = await AnswerAsync(handle, cancellationToken);
        if (answer is { Accepted: false })
            throw new ProblemException(answer.Refusal == RequestRefusals.Unknown ? Problems.UnknownService(service) : Problems.Refused(answer.Refusal, answer.Message));
        return new ChangeAccepted
        {
            Service = service,
            ChangeId = changeId,
            Number = answer?.Number ?? 0,
            State = answer is null ? "taken" : "accepted",
            Href = $"{ApiPaths.Preview}/{service}/changes/{changeId}",
            RunPage = pages.Of(Ids.Change(service, changeId)),
        };
    }

    /// <summary>What the request would do; nothing is started by it.</summary>
    public async Task<ChangePlan> PlanAsync(string service, ChangeOrder order, Principal by, CancellationToken cancellationToken)
    {
        var known = await reader.FindAsync(service, cancellationToken);
        var input = new ChangeInput
        {
            ChangeId = Ids.ChangeId(by.Name, Guid.NewGuid().ToString("n")),
            Revision = ChangeInput.CurrentRevision,
            Service = service,
            Order = order,
            AskedBy = by,
            Snapshot = known?.Snapshot ?? new ServiceSnapshot { Spec = new ServiceSpec { Name = service } },
        };
        var handle = await client.StartWorkflowAsync(ServiceContract.PlanWorkflowType, [input], new WorkflowOptions($"plan:{service}:{input.ChangeId}", ServiceContract.TaskQueue)
        {
            StaticSummary = $"What it would be: {ChangeWords.Summary(order, service, by)}",
            Rpc = new RpcOptions { CancellationToken = cancellationToken },
        });
        try
        {
            return await handle.GetResultAsync<ChangePlan>(rpcOptions: new RpcOptions { CancellationToken = cancellationToken }).WaitAsync(options.QueryTimeout * 6, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ProblemException(Problems.Unavailable("No worker has planned it in time; try again shortly."));
        }
    }

    private async Task<WorkflowHandle> StartAsync(string id, RequestEnvelope envelope, string digest, CancellationToken cancellationToken)
    {
        try
        {
            return await client.StartWorkflowAsync(ServiceContract.RequestWorkflowType, [envelope], new WorkflowOptions(id, ServiceContract.TaskQueue)
            {
                IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
                IdConflictPolicy = WorkflowIdConflictPolicy.Fail,
                StaticSummary = ChangeWords.Summary(envelope.Request.Order, envelope.Service, envelope.Request.AskedBy),
                StaticDetails = ChangeWords.Details(envelope.Request.Order, envelope.Service, envelope.Request.AskedBy),
                Memo = new Dictionary<string, object>(StringComparer.Ordinal) { [ServiceContract.RequestDigestMemo] = digest },
                Rpc = new RpcOptions { CancellationToken = cancellationToken },
            });
        }
        catch (WorkflowAlreadyStartedException)
        {
            var handle = client.GetWorkflowHandle(id);
            var known = await handle.DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
            return await MemoReader.TextAsync(known.Memo, ServiceContract.RequestDigestMemo) == digest
                ? handle
                : throw new ProblemException(Problems.KeyReused(envelope.Service));
        }
    }

    /// <summary>The service's word; null when it hasn't given one in time.</summary>
    private async Task<RequestAnswer?> AnswerAsync(WorkflowHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            return await handle.GetResultAsync<RequestAnswer>(rpcOptions: new RpcOptions { CancellationToken = cancellationToken }).WaitAsync(options.QueryTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
