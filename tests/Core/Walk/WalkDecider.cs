using System.Collections.Concurrent;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Core.Tests.Walk;

/// <summary>
/// Those who decide, as they work: they look at what waits for a word, and give it. Staging needs one on most things, development on a repair that
/// overwrites what a stopped change had set. One in ten is rejected.
/// </summary>
internal sealed class WalkDecider(World world, int seed)
{
    private static readonly string Waiting =
        $"WorkflowType = '{ChangeContract.WorkflowType}' AND ExecutionStatus = 'Running' AND {OnboardingSearchAttributes.State} = '{nameof(ChangePhase.AwaitingApproval)}'";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Decisions under way. What is asked again after its plan has changed is another one, also when it has changed back.</summary>
    private readonly ConcurrentDictionary<(string ChangeId, DateTimeOffset? AskedAt), Task> deciding = [];

    /// <summary>Decides until told to stop, and returns when every decision has been answered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await foreach (var run in world.Client.ListWorkflowsAsync(Waiting))
            {
                if (run.Memo.TryGetValue(ChangeContract.ViewMemo, out var memo) && await memo.ToValueAsync<ChangeView>() is { Phase: ChangePhase.AwaitingApproval, Plan: { } plan } view)
                    _ = deciding.GetOrAdd((view.ChangeId, view.Approval?.RequestedAt), _ => DecideAsync(view, plan.Digest));
            }
            await Task.Delay(Pause, CancellationToken.None);
        }
        await Task.WhenAll(deciding.Values);
    }

    private async Task DecideAsync(ChangeView view, string digest)
    {
        var verdict = unchecked(seed + Convert.ToInt32(view.ChangeId[..6], 16)) % 10 == 0 ? ApprovalVerdict.Reject : ApprovalVerdict.Approve;
        try
        {
            await world.DecideAsync(view.Service, view.ChangeId, digest, verdict);
        }
        catch (RpcException)
        {
            // It was called off or stopped meanwhile; or nobody answered in time: then it is still in the list.
            deciding.TryRemove((view.ChangeId, view.Approval?.RequestedAt), out _);
        }
        catch (WorkflowUpdateFailedException)
        {
            // Too late, or about another plan.
        }
    }
}
