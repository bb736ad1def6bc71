using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Saga;

/// <summary>
/// Runs a table of steps, each as soon as those it comes after are done, and undoes them in reverse order of starting when the
/// whole can't be finished. Since a step starts only after its predecessors, reverse order of starting never removes a thing
/// before what was built on it.
/// </summary>
public sealed class SagaRunner(IReadOnlyList<SagaStep> steps, SagaTiming timing, ISagaObserver observer)
{
    /// <summary>A patch: runs under way that wait for a removal without a word go on so.</summary>
    private const string SlowRemovalsAreTold = "slow-removals-are-told";

    private readonly List<SagaStep> started = [];
    private readonly Dictionary<string, StepResult> results = new(StringComparer.Ordinal);
    private readonly HashSet<string> done = new(StringComparer.Ordinal);

    /// <summary>Steps begun and not undone.</summary>
    public bool HasWork => started.Count > 0;

    /// <summary>
    /// Runs all steps. On a failure no further step starts, those in flight are cancelled and awaited, and the first failure is
    /// thrown; the caller then calls <see cref="CompensateAsync"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = steps.ToList();
        var running = new List<(SagaStep Step, Task Task)>();
        Exception? failure = null;
        while (true)
        {
            if (!stop.IsCancellationRequested)
                StartReady(waiting, running, stop.Token);
            if (running.Count == 0)
                break;
            // Detached: after a cancellation the steps in flight are still awaited, their outcome decides what there is to undo.
            await Workflow.WaitConditionAsync(() => running.Exists(r => r.Task.IsCompleted), CancellationToken.None);
            foreach (var finished in running.Where(r => r.Task.IsCompleted).ToList())
            {
                running.Remove(finished);
                var thrown = await HarvestAsync(finished.Step, finished.Task);
                failure ??= thrown;
            }
            if (failure is not null)
                Cancel(stop);
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null)
            throw failure;
        if (waiting.Count > 0)
            throw new InvalidOperationException($"steps wait for each other or for unknown ones: {string.Join(", ", waiting.Select(s => s.Id))}");
    }

    /// <summary>Undoes what was begun, outside of any cancellation. Returns when nothing of this run is left.</summary>
    public async Task CompensateAsync()
    {
        for (var i = started.Count - 1; i >= 0; i--)
        {
            if (started[i].Undo is { } undo)
                await UndoAsync(started[i], undo);
        }
        started.Clear();
    }

    /// <summary>Synchronously on purpose: the asynchronous form leaves the workflow's scheduler.</summary>
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    private void StartReady(List<SagaStep> waiting, List<(SagaStep, Task)> running, CancellationToken cancellationToken)
    {
        foreach (var step in waiting.Where(s => s.After.All(done.Contains)).ToList())
        {
            waiting.Remove(step);
            started.Add(step);
            observer.StepStarted(step);
            running.Add((step, DoAsync(step, cancellationToken)));
        }
    }

    private async Task DoAsync(SagaStep step, CancellationToken cancellationToken)
    {
        var deadline = Workflow.UtcNow + step.WaitLimit;
        var wait = timing.PollInterval;
        while (true)
        {
            var result = await step.Do(cancellationToken);
            results[step.Id] = result;
            if (result.Ready)
            {
                observer.StepSucceeded(step, result, result.Warning);
                return;
            }
            if (Workflow.UtcNow >= deadline)
            {
                var message = $"{step.Id} waited {step.WaitLimit} for {result.WaitingFor}";
                if (!step.WaitLimitIsWarning)
                    throw new ApplicationFailureException(message, ErrorTypes.Timeout, nonRetryable: true);
                observer.StepSucceeded(step, result, message);
                return;
            }
            observer.StepWaiting(step, result);
            if (result.Immediately)
                continue;
            await Waits.DelayAsync(wait, $"Look again: {step.Title}", cancellationToken);
            wait = Doubled(wait, timing.PollMaximum);
        }
    }

    private async Task<Exception?> HarvestAsync(SagaStep step, Task task)
    {
        try
        {
            await task;
            done.Add(step.Id);
            return null;
        }
        catch (Exception e) when (FailureReader.IsCancellation(e))
        {
            observer.StepCancelled(step);
            return null;
        }
        catch (FailureException e)
        {
            observer.StepFailed(step, FailureReader.Read(e));
            return e;
        }
    }

    /// <summary>
    /// Until nothing is left to undo, however long that takes: giving up would leave things that nobody knows of. One that gets nowhere says so,
    /// and is looked at less and less often.
    /// </summary>
    private async Task UndoAsync(SagaStep step, Func<StepResult?, Task<UndoResult>> undo)
    {
        observer.UndoStarted(step);
        var began = Workflow.UtcNow;
        bool IsLate() => Workflow.UtcNow - began >= timing.Removal;
        var backoff = timing.UndoRetry;
        var poll = timing.PollInterval;
        var failures = 0;
        while (true)
        {
            TimeSpan wait;
            try
            {
                var result = await undo(results.GetValueOrDefault(step.Id));
                if (result.Ready)
                {
                    observer.UndoFinished(step);
                    if (result.Left is not null)
                        observer.UndoLeft(step, result);
                    return;
                }
                if (failures == 0 && IsLate() && Workflow.Patched(SlowRemovalsAreTold))
                {
                    var message = $"{result.WaitingFor} is still awaited after {timing.Removal}";
                    await observer.UndoFailingAsync(step, new StepError(ErrorTypes.Timeout, message), ++failures);
                }
                wait = poll;
                poll = Doubled(poll, IsLate() ? SagaTiming.Slowest : timing.PollMaximum);
            }
            catch (FailureException e)
            {
                await observer.UndoFailingAsync(step, FailureReader.Read(e), ++failures);
                wait = backoff;
                backoff = Doubled(backoff, IsLate() ? SagaTiming.Slowest : timing.UndoRetryMaximum);
            }
            await Waits.DelayAsync(wait, $"Try again to undo: {step.Title}", CancellationToken.None);
        }
    }

    private static TimeSpan Doubled(TimeSpan wait, TimeSpan maximum) => wait * 2 > maximum ? maximum : wait * 2;
}
