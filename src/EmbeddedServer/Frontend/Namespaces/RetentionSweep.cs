using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>
/// Removes closed runs once their namespace's retention has passed, now and then, and gives back the space that they took. A run that can't be
/// removed is reported and passed over; the next sweep tries again.
/// </summary>
internal sealed partial class RetentionSweep : IAsyncDisposable
{
    /// <summary>How long after its time a run may still be there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>How many runs are removed side by side, which is how many share a transaction; it takes some hundredths of a second.</summary>
    private const int RunsAtOnce = 100;

    private readonly FrontendServices services;
    private readonly IStore store;
    private readonly Meter meter = new("Onramp.EmbeddedServer");
    private readonly Counter<long> removed;
    private readonly Counter<long> failed;
    private readonly ITimer timer;
    private readonly SemaphoreSlim sweeping = new(1, 1);

    public RetentionSweep(FrontendServices services, IStore store)
    {
        this.services = services;
        this.store = store;
        removed = meter.CreateCounter<long>("onramp.server.retention.removed", "{run}", "Closed runs that were removed when their retention had passed");
        failed = meter.CreateCounter<long>("onramp.server.retention.failed", "{run}", "Closed runs that could not be removed when their retention had passed");
        timer = services.Time.CreateTimer(_ => _ = Task.Run(SweepAllAsync), state: null, Interval, Interval);
    }

    /// <summary>Removes what is past its time in all namespaces.</summary>
    public async Task SweepAllAsync()
    {
        // One that takes long is not overtaken by the next.
        if (!await sweeping.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            foreach (var ns in services.Namespaces.Registered.ToList())
            {
                await SweepAsync(ns).ConfigureAwait(false);
            }

            while (!services.Stopping.IsCancellationRequested && await store.ShrinkAsync().ConfigureAwait(false))
            {
                // Commits of others go between.
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next one sweeps.
        }
        catch (Exception e)
        {
            LogSweepFailed(services.Logger, e);
        }
        finally
        {
            sweeping.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        await sweeping.WaitAsync().ConfigureAwait(false);
        sweeping.Dispose();
        meter.Dispose();
    }

    private async Task SweepAsync(NamespaceEntry ns)
    {
        var before = services.Time.GetUtcNow() - Durations.ToSpan(ns.Description.Config.WorkflowExecutionRetentionTtl);
        ClosedRun? last = null;
        do
        {
            services.Stopping.ThrowIfCancellationRequested();
            var runs = store.ReadClosedRuns(ns.Ref.Id, before, last, RunsAtOnce);
            await Task.WhenAll(runs.Select(run => RemoveAsync(ns, run.Key))).ConfigureAwait(false);
            last = runs.Count < RunsAtOnce ? null : runs[^1];
        }
        while (last is not null);
    }

    private async Task RemoveAsync(NamespaceEntry ns, ExecutionKey key)
    {
        try
        {
            var execution = new WorkflowExecution { WorkflowId = key.WorkflowId, RunId = key.RunId };
            await services.History.Requests.DeleteAsync(ns.Ref, new DeleteWorkflowExecutionRequest { Namespace = ns.Ref.Name, WorkflowExecution = execution }).ConfigureAwait(false);
            removed.Add(1);
        }
        catch (RefusalException e) when (e.Kind == RefusalKind.NotFound)
        {
            // Somebody else has removed it.
        }
        catch (RefusalException e) when (e.Kind == RefusalKind.Unavailable)
        {
            // So it is with the next one: the store has stopped.
            throw;
        }
        catch (Exception e)
        {
            failed.Add(1);
            LogRunFailed(services.Logger, key.RunId, key.WorkflowId, ns.Ref.Name, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Runs that are past their retention could not be removed; the next sweep goes on")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Run {RunId} of workflow {WorkflowId} in namespace {Namespace} is past its retention and could not be removed")]
    private static partial void LogRunFailed(ILogger logger, string runId, string workflowId, string @namespace, Exception exception);
}
