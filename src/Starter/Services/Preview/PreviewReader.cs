using Onramp.Starter.Http;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services.Preview;

/// <summary>Reads services and changes. What is in their memos needs no worker; a change's last details are asked of one when it answers.</summary>
internal sealed class PreviewReader(ITemporalClient client, PreviewHolds holds, RunPages pages, StarterOptions options)
{
    public async Task<PreviewService> GetAsync(string service, CancellationToken cancellationToken) =>
        await FindAsync(service, cancellationToken) is { } state
            ? ViewOf(state) with { Held = await holds.FindAsync(cancellationToken), RunPage = pages.Of(Ids.Service(service)) }
            : throw new ProblemException(Problems.UnknownService(service));

    /// <summary>What the service has shown last; null: nobody knows of it.</summary>
    /// <exception cref="ProblemException">It has begun, and doesn't know yet what there is of it.</exception>
    public async Task<CarriedState?> FindAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            var run = await client.GetWorkflowHandle(Ids.Service(service)).DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
            if (run.Memo.TryGetValue(ServiceContract.StateMemo, out var memo))
                return await memo.ToValueAsync<CarriedState>();
            return run.Status == WorkflowExecutionStatus.Running
                ? throw new ProblemException(Problems.Unavailable($"{service} is just being looked for in every system; try again shortly."))
                : null;
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <exception cref="ProblemException">The token wasn't issued for this team.</exception>
    public async Task<PreviewPage> ListAsync(string? team, string? pageToken, CancellationToken cancellationToken)
    {
        var query = $"WorkflowType = '{ServiceContract.WorkflowType}' AND ExecutionStatus = 'Running' AND {OnboardingSearchAttributes.Service} IS NOT NULL"
            + (team is null ? "" : $" AND {OnboardingSearchAttributes.Team} = '{team}'");
        var page = await client.ListWorkflowsPaginatedAsync(query, PageTokens.Open(pageToken, query), new WorkflowListPaginatedOptions
        {
            PageSize = 50,
            Rpc = new RpcOptions { CancellationToken = cancellationToken },
        });
        var items = new List<PreviewService>();
        foreach (var run in page.Workflows)
        {
            if (run.Memo.TryGetValue(ServiceContract.StateMemo, out var memo))
                items.Add(ViewOf(await memo.ToValueAsync<CarriedState>()));
        }
        return new PreviewPage { Items = items, NextPageToken = PageTokens.Issue(page.NextPageToken, query) };
    }

    public async Task<ChangeView> GetChangeAsync(string service, string changeId, CancellationToken cancellationToken)
    {
        var handle = client.GetWorkflowHandle(Ids.Change(service, changeId));
        try
        {
            var run = await handle.DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
            var kept = run.Memo.TryGetValue(ChangeContract.ViewMemo, out var memo) ? await memo.ToValueAsync<ChangeView>() : null;
            var view = run.Status == WorkflowExecutionStatus.Running ? await AskAsync(handle, cancellationToken) ?? kept : kept;
            if (view is null)
                throw new ProblemException(Problems.Unavailable("No worker has begun the change yet; try again shortly."));
            return run.Status == WorkflowExecutionStatus.Terminated ? view with { Outcome = ChangeOutcome.Interrupted } : view;
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            throw new ProblemException(Problems.UnknownChange(changeId));
        }
    }

    private static PreviewService ViewOf(CarriedState state) => new()
    {
        Name = state.Spec.Name,
        Team = state.Spec.Team,
        Status = ServiceStatus.Of(state),
        At = state.At,
        Spec = state.Spec,
        Environments = state.Environments,
        Inventory = state.Inventory,
        Open = [.. state.Open.Select(o => o.Change)],
        Ended = state.Ended,
    };

    private async Task<ChangeView?> AskAsync(WorkflowHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            return await handle.QueryAsync<ChangeView>(ChangeContract.ViewQuery, [], new WorkflowQueryOptions
            {
                Rpc = new RpcOptions { Timeout = options.QueryTimeout, Retry = false, CancellationToken = cancellationToken },
            });
        }
        catch (Exception e) when (e is RpcException or WorkflowQueryFailedException && !cancellationToken.IsCancellationRequested)
        {
            // No worker answers; the memo tells what the last phase was.
            return null;
        }
    }
}
