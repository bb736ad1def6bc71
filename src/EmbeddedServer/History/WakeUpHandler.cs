using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History.External;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.History;

/// <summary>Wakes runs whose time has come. A wake-up that fails is tried again, for as long as the store takes writes.</summary>
internal sealed partial class WakeUpHandler(
    ExecutionRunner runner, WakeUpQueue queue, DueWork dueWork, ExternalCalls externalCalls, QueryHandler queries, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    public async Task WakeAsync(ExecutionKey key)
    {
        try
        {
            foreach (var call in await DecideAsync(key).ConfigureAwait(false))
            {
                await ExecuteAsync(key, call).ConfigureAwait(false);
            }
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

    private async Task<List<ExternalCallState>> DecideAsync(ExecutionKey key)
    {
        using var lease = await runner.LeaseAsync(key.NamespaceId, key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(key.RunId) is not { IsOpen: true } state)
        {
            return [];
        }

        await runner.UpdateAsync(lease, state, tx =>
        {
            dueWork.Decide(tx);
            return true;
        }).ConfigureAwait(false);
        queries.Redirect(state);
        var calls = ExternalCalls.Take(state, runner.Now);
        queue.Set(key, state.ComputeWakeUp(withInFlight: false));
        return calls;
    }

    private async Task ExecuteAsync(ExecutionKey key, ExternalCallState call)
    {
        try
        {
            await externalCalls.ExecuteAsync(key, call).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var retryAt = time.GetUtcNow() + RetryInterval;
            LogCallFailed(logger, e, key.WorkflowId, key.RunId, call.WorkflowId);
            await externalCalls.PostponeAsync(key, call, retryAt).ConfigureAwait(false);
            queue.Set(key, retryAt);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Waking workflow {WorkflowId}, run {RunId} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string workflowId, string runId);

    [LoggerMessage(2, LogLevel.Warning, "Workflow {WorkflowId}, run {RunId} could not be woken: the store takes no writes")]
    private static partial void LogStopped(ILogger logger, Exception exception, string workflowId, string runId);

    [LoggerMessage(3, LogLevel.Error, "A call of workflow {WorkflowId}, run {RunId} to workflow {Target} failed; it is tried again")]
    private static partial void LogCallFailed(ILogger logger, Exception exception, string workflowId, string runId, string target);
}
