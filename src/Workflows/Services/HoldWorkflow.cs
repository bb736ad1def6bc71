using Onramp.Workflows.Display;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Workflows.Services;

/// <summary>
/// A hold on all applying, for as long as it runs; so it survives every restart, and stopping it by whatever means ends the hold. Changes look for it before they apply; those
/// under way are told.
/// </summary>
[Workflow(HoldContract.WorkflowType)]
public sealed class HoldWorkflow
{
    /// <summary>Lists are eventual: what the first look has missed is told by the second.</summary>
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(15);

    private Principal? releasedBy;

    [WorkflowRun]
    public async Task<Hold> RunAsync(Hold hold)
    {
        Workflow.CurrentDetails = $"All applying is held by **{Markdown.Escape(hold.By.Name)}** since {hold.At:u}: {Markdown.Escape(hold.Reason)}";
        await SpreadAsync(hold);
        if (!await IsReleasedAsync(TellAgainAfter))
        {
            await SpreadAsync(hold);
            await IsReleasedAsync(Timeout.InfiniteTimeSpan);
        }
        var released = hold with { ReleasedBy = releasedBy };
        Workflow.UpsertMemo(MemoUpdate.ValueSet(HoldContract.HoldMemo, released));
        Workflow.CurrentDetails = $"Released by **{Markdown.Escape(releasedBy!.Name)}**";
        await SpreadAsync(released);
        return released;
    }

    [WorkflowSignal(HoldContract.ReleaseSignal, Description = "Lets applying go on: who releases it")]
    public Task ReleaseAsync(Principal by)
    {
        releasedBy ??= by;
        return Task.CompletedTask;
    }

    private static Task SpreadAsync(Hold hold) => Workflow.ExecuteActivityAsync(ServiceContract.SpreadHold, [hold], new ActivityOptions
    {
        Summary = hold.ReleasedBy is null ? "Tell every change that applying is held" : "Tell every change that it may go on",
        StartToCloseTimeout = TimeSpan.FromMinutes(5),
        RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromSeconds(1), MaximumInterval = TimeSpan.FromMinutes(1) },
        // A hold that is cancelled still tells that it is over.
        CancellationToken = CancellationToken.None,
    });

    private async Task<bool> IsReleasedAsync(TimeSpan within)
    {
        try
        {
            return await Waits.UntilAsync(() => releasedBy is not null, within, "Tell those who were missed");
        }
        catch (OperationCanceledException)
        {
            releasedBy ??= Principal.AtTemporal;
            return true;
        }
    }
}
