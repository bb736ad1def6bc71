using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.History;

/// <summary>Wakes runs whose time has come. A wake-up that fails is tried again, for as long as the store takes writes.</summary>
internal sealed partial class WakeUpHandler(
    ExecutionRunner runner, WakeUpQueue queue, DueWork dueWork, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    public async Task WakeAsync(ExecutionKey key)
    {
        try
        {
            await DecideAsync(key).ConfigureAwait(false);
        }
        catch (RefusalException e) when (e.InnerException is StoreStoppedException)
        {
            LogStopped(logger, e, key.WorkflowId, key.RunId);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, key.WorkflowId, key.RunId);
            queue.Set(key, time.GetUtcNow() + RetryInterval);
        }
    }

    private async Task DecideAsync(ExecutionKey key)
    {
        using var lease = await runner.LeaseAsync(key.NamespaceId, key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(key.RunId) is not { IsOpen: true } state)
        {
            return;
        }

        try
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                dueWork.Decide(tx);
                return true;
            }).ConfigureAwait(false);
            queue.Set(key, state.ComputeWakeUp());
        }
        catch (RefusalException) when (lease.Find(key.RunId) is { IsOpen: false })
        {
            // What was due was too much for the run, which has ended.
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Waking workflow {WorkflowId}, run {RunId} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string workflowId, string runId);

    [LoggerMessage(2, LogLevel.Warning, "Workflow {WorkflowId}, run {RunId} could not be woken: the store takes no writes")]
    private static partial void LogStopped(ILogger logger, Exception exception, string workflowId, string runId);
}
