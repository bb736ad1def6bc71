using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>
/// Operations on many workflows, in the background. What the query finds is put in line first, and then done one after the other: so a workflow
/// that an operation changes doesn't come up again. How far it has come is stored step by step, and goes on from there after a restart; the
/// step under way is made again, which does nothing twice.
/// </summary>
internal sealed partial class BatchOperations(
    IStore store, HistoryEngine history, IVisibility visibility, TimeProvider time, TimeProvider wallClock, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly ConcurrentDictionary<BatchKey, Job> running = new();

    /// <summary>Goes on with what an earlier process began.</summary>
    public void Recover()
    {
        foreach (var key in store.ReadRunningBatches())
        {
            Begin(key);
        }
    }

    /// <exception cref="RefusalException">ALREADY_EXISTS, or RESOURCE_EXHAUSTED when too many run.</exception>
    public async Task StartAsync(NamespaceRef ns, StartBatchOperationRequest request)
    {
        var key = new BatchKey(ns.Id, request.JobId);
        await starting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (running.Keys.Count(other => other.NamespaceId == ns.Id) >= BatchLimits.RunningPerNamespace)
            {
                throw new RefusalException(RefusalKind.ResourceExhausted, "Max concurrent batch operations is reached", new ResourceExhaustedFailure
                {
                    Cause = ResourceExhaustedCause.ConcurrentLimit,
                    Scope = ResourceExhaustedScope.Namespace,
                });
            }

            if (store.FindBatch(key) is { } row)
            {
                throw AlreadyThere(BatchState.Read(row));
            }

            var named = BatchTargets.Named(request);
            var definition = new StoredBatchDefinition { NamespaceName = ns.Name, StartedAt = time.GetUtcNow().ToTicks(), Request = request.ToByteString() };
            var progress = new StoredBatchProgress { State = (int)BatchOperationState.Running, IsCollected = named.Count > 0, TotalCount = named.Count };
            await WriteAsync(new BatchWrite
            {
                Key = key,
                Definition = definition.ToByteArray(),
                Progress = progress.ToByteArray(),
                IsRunning = true,
                Added = named,
            }).ConfigureAwait(false);
            Begin(key);
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>Ends an operation as it is. What was done stays done.</summary>
    public async Task StopAsync(NamespaceRef ns, string jobId)
    {
        var key = new BatchKey(ns.Id, jobId);

        // One that is being started runs by then, or isn't there yet: else it would go on, and write over its end.
        await starting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (running.TryGetValue(key, out var job))
            {
                await job.StopAsync().ConfigureAwait(false);
            }

            var batch = Load(key);
            if (!batch.IsRunning)
            {
                throw Errors.AlreadyClosed();
            }

            batch.Close(BatchOperationState.Failed, time.GetUtcNow());
            await WriteAsync(batch.ToWrite()).ConfigureAwait(false);
        }
        finally
        {
            starting.Release();
        }
    }

    public DescribeBatchOperationResponse Describe(NamespaceRef ns, string jobId) => Load(new BatchKey(ns.Id, jobId)).Describe();

    /// <summary>The latest first, of those before a number.</summary>
    public IReadOnlyList<(long Number, BatchState Batch)> List(NamespaceRef ns, long before, int count) =>
        [.. store.ReadBatches(ns.Id, before, count).Select(row => (row.Number, BatchState.Read(row)))];

    /// <summary>Removes all of a namespace.</summary>
    public async Task DeleteAllAsync(NamespaceRef ns)
    {
        await starting.WaitAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(running.Where(one => one.Key.NamespaceId == ns.Id).Select(one => one.Value.StopAsync())).ConfigureAwait(false);
            await store.DeleteBatchesAsync(ns.Id).ConfigureAwait(false);
        }
        finally
        {
            starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running.Values.Select(job => job.StopAsync())).ConfigureAwait(false);
        stopping.Dispose();
        starting.Dispose();
    }

    /// <summary>As though it were a workflow: in the reference it is one.</summary>
    private static RefusalException AlreadyThere(BatchState batch) => Errors.AlreadyStarted(
        batch.IsRunning
            ? $"Workflow execution is already running. WorkflowId: {batch.Key.JobId}, RunId: {batch.RunId}."
            : $"Workflow execution already finished. WorkflowId: {batch.Key.JobId}, RunId: {batch.RunId}. "
                + "Workflow Id reuse policy: reject duplicate workflow Id.",
        batch.StartRequestId, batch.RunId, batch.RunId);

    private BatchState Load(BatchKey key) => store.FindBatch(key) is { } row ? BatchState.Read(row) : throw Errors.WorkflowNotFound(key.JobId);

    private void Begin(BatchKey key)
    {
        // Not linked to the end of all: that would keep something of every operation that there ever was.
        var end = new CancellationTokenSource();
        var job = new Job(end);
        running[key] = job;
        job.Done = Task.Run(() => RunAsync(key, end.Token), CancellationToken.None);
    }

    private async Task RunAsync(BatchKey key, CancellationToken cancellationToken)
    {
        try
        {
            for (var failures = 0; await GoOnAsync(key, cancellationToken).ConfigureAwait(false) is { } failure; failures++)
            {
                var wait = RetryInterval * Math.Min(1 << Math.Min(failures, 10), LongestRetry / RetryInterval);
                LogRetried(logger, failure, key.JobId, wait);
                await Task.Delay(wait, wallClock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped, or the server stops: then the next one goes on.
        }
        catch (RefusalException e) when (e.Kind == RefusalKind.InvalidArgument)
        {
            // What its query asks for isn't there, and won't be.
            await FailAsync(key, e).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, key.JobId);
        }
        finally
        {
            if (running.TryRemove(key, out var job))
            {
                job.Dispose();
            }
        }
    }

    /// <summary>Does all that is left, from what is stored on. What went wrong that may go well another time; null when it is done.</summary>
    private async Task<Exception?> GoOnAsync(BatchKey key, CancellationToken cancellationToken)
    {
        try
        {
            var batch = Load(key);
            while (batch.IsRunning)
            {
                stopping.Token.ThrowIfCancellationRequested();
                cancellationToken.ThrowIfCancellationRequested();
                await StepAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception e) when (e is not (OperationCanceledException or RefusalException { Kind: RefusalKind.InvalidArgument or RefusalKind.NotFound }
            or RefusalException { InnerException: StoreStoppedException }))
        {
            return e;
        }
    }

    private async Task FailAsync(BatchKey key, Exception reason)
    {
        LogFailed(logger, reason, key.JobId);
        try
        {
            var batch = Load(key);
            batch.Close(BatchOperationState.Failed, time.GetUtcNow());
            await WriteAsync(batch.ToWrite()).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, key.JobId);
        }
    }

    private async Task StepAsync(BatchState batch, CancellationToken cancellationToken)
    {
        if (!batch.Progress.IsCollected)
        {
            await CollectAsync(batch).ConfigureAwait(false);
            return;
        }

        var began = wallClock.GetTimestamp();
        var rate = RateOf(batch);
        var most = (int)Math.Clamp(Math.Ceiling(rate), 1, BatchLimits.TargetsPerStep);
        var targets = store.ReadBatchTargets(batch.Key, most);
        if (targets.Count == 0)
        {
            batch.Close(BatchOperationState.Completed, time.GetUtcNow());
            await WriteAsync(batch.ToWrite()).ConfigureAwait(false);
            return;
        }

        var failures = 0;
        await Parallel.ForEachAsync(
            targets,
            new ParallelOptions { MaxDegreeOfParallelism = BatchLimits.AtOnce, CancellationToken = cancellationToken },
            async (target, end) =>
            {
                if (!await TryActAsync(new BatchStep(history, batch, target), end).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref failures);
                }
            }).ConfigureAwait(false);
        batch.Progress.FailureCount += failures;
        batch.Progress.CompleteCount += targets.Count - failures;
        await WriteAsync(batch.ToWrite() with { DoneThrough = targets[^1].Position }).ConfigureAwait(false);

        var pace = TimeSpan.FromSeconds(targets.Count / rate) - wallClock.GetElapsedTime(began);
        if (pace > TimeSpan.Zero && targets.Count == most)
        {
            await Task.Delay(pace, wallClock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CollectAsync(BatchState batch)
    {
        var ns = batch.Namespace;
        var page = visibility.List(ns.Id, ns.Name, QueryOf(batch.Request), BatchLimits.CollectedPerStep, batch.Progress.PageToken);
        batch.Progress.TotalCount += page.Executions.Count;
        batch.Progress.PageToken = page.NextPageToken;
        batch.Progress.IsCollected = page.NextPageToken.IsEmpty;
        await WriteAsync(batch.ToWrite() with { Added = [.. page.Executions.Select(info => (info.Execution.WorkflowId, info.Execution.RunId))] }).ConfigureAwait(false);
    }

    /// <summary>Whether it was done. One that is gone, or has ended, has nothing left to be done to it.</summary>
    private async Task<bool> TryActAsync(BatchStep step, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                CheckTarget(step.Target);
                await BatchKinds.Find(step.Batch.Request)!.Act(step).ConfigureAwait(false);
                return true;
            }
            catch (RefusalException refused) when (refused.Kind == RefusalKind.NotFound)
            {
                return true;
            }
            catch (RefusalException refused) when (refused.InnerException is not StoreStoppedException)
            {
                if (refused.Kind is not (RefusalKind.Unavailable or RefusalKind.ResourceExhausted or RefusalKind.Internal) || tries == BatchLimits.Tries)
                {
                    LogRefused(logger, refused, step.Batch.Key.JobId, step.Target.WorkflowId);
                    return false;
                }
            }

            await Task.Delay(RetryInterval, wallClock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckTarget(BatchTarget target)
    {
        if (target.WorkflowId.Length == 0)
        {
            throw Errors.InvalidArgument("WorkflowId is not set on request.");
        }
    }

    private static double RateOf(BatchState batch) => batch.Request.MaxOperationsPerSecond is > 0 and var rate
        ? Math.Min(rate, BatchLimits.OperationsPerSecondMaximum)
        : BatchLimits.OperationsPerSecondDefault;

    private static string QueryOf(StartBatchOperationRequest request) =>
        BatchKinds.Find(request)!.OnlyRunning ? $"({request.VisibilityQuery}) AND ExecutionStatus = 'Running'" : request.VisibilityQuery;

    private async Task WriteAsync(BatchWrite write)
    {
        try
        {
            await store.WriteBatchAsync(write).ConfigureAwait(false);
        }
        catch (StoreStoppedException e)
        {
            throw new RefusalException(RefusalKind.Unavailable, "the store has stopped", innerException: e);
        }
        catch (StoreNamespaceGoneException e)
        {
            throw new RefusalException(
                RefusalKind.NotFound, $"Namespace {e.NamespaceId} is not found.", new NamespaceNotFoundFailure { Namespace = e.NamespaceId }, innerException: e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Batch operation {JobId} has stopped; unless it has failed, the next start goes on with it")]
    private static partial void LogFailed(ILogger logger, Exception exception, string jobId);

    [LoggerMessage(2, LogLevel.Warning, "Batch operation {JobId} could not be carried out on workflow {WorkflowId}")]
    private static partial void LogRefused(ILogger logger, Exception exception, string jobId, string workflowId);

    [LoggerMessage(3, LogLevel.Error, "Batch operation {JobId} could not go on; it is tried again in {Wait}")]
    private static partial void LogRetried(ILogger logger, Exception exception, string jobId, TimeSpan wait);

    private sealed class Job(CancellationTokenSource end) : IDisposable
    {
        public Task Done { get; set; } = Task.CompletedTask;

        public async Task StopAsync()
        {
            try
            {
                await end.CancelAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }

            await Done.ConfigureAwait(false);
        }

        public void Dispose() => end.Dispose();
    }
}
