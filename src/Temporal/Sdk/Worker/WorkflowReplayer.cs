using System.Runtime.CompilerServices;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Workflows;

namespace Temporalio.Worker;

/// <summary>Replays recorded histories, to see whether changed workflow code still fits them. Activities don't run.</summary>
public class WorkflowReplayer
{
    private readonly WorkflowRuntime runtime;

    /// <summary>Creates a replayer.</summary>
    /// <param name="options">How it works; a copy is taken.</param>
    /// <exception cref="ArgumentException">There is no workflow, or a workflow is invalid.</exception>
    public WorkflowReplayer(WorkflowReplayerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = (WorkflowReplayerOptions)options.Clone();
        foreach (var plugin in Options.Plugins ?? [])
        {
            plugin.ConfigureReplayer(Options);
        }

        if (Options.Workflows.Count == 0)
        {
            throw new ArgumentException("Must have at least one workflow", nameof(options));
        }

        runtime = new(
            new WorkflowInstanceSettings
            {
                Namespace = Options.Namespace,
                TaskQueue = Options.TaskQueue,
                DataConverter = Options.DataConverter,
                LoggerFactory = Options.LoggerFactory,
                MetricMeter = (Options.Runtime ?? TemporalRuntime.Default).MetricMeter,
                BuildId = Options.BuildId ?? DefaultBuildId.Value,
                Interceptors = [.. Options.Interceptors ?? []],
                FailureExceptionTypes = Options.WorkflowFailureExceptionTypes ?? [],
                TaskStarting = Options.OnWorkflowTaskStarting,
                TaskCompleted = Options.OnWorkflowTaskCompleted,
            },
            Options.Workflows,
            Options.DebugMode ? Timeout.InfiniteTimeSpan : DeadlockDetector.DefaultTimeout);
    }

    /// <summary>Gets the options; not to be changed.</summary>
    public WorkflowReplayerOptions Options { get; }

    /// <summary>Replays one history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="throwOnReplayFailure">Whether to throw what goes wrong.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How it went.</returns>
    /// <exception cref="WorkflowNondeterminismException">The code does not fit the history.</exception>
    /// <exception cref="InvalidWorkflowOperationException">A workflow task failed for another reason.</exception>
    public async Task<WorkflowReplayResult> ReplayWorkflowAsync(
        WorkflowHistory history, bool throwOnReplayFailure = true, CancellationToken cancellationToken = default) =>
        (await ReplayWorkflowsAsync([history], throwOnReplayFailure, cancellationToken).ConfigureAwait(false)).Single();

    /// <summary>Replays histories.</summary>
    /// <param name="histories">The histories.</param>
    /// <param name="throwOnReplayFailure">Whether to stop at the first that goes wrong, and to throw why.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How each went.</returns>
    public Task<IEnumerable<WorkflowReplayResult>> ReplayWorkflowsAsync(
        IEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false, CancellationToken cancellationToken = default)
    {
        Func<WorkflowReplayer, CancellationToken, Task<IEnumerable<WorkflowReplayResult>>> replay = async (replayer, token) =>
        {
            var results = new List<WorkflowReplayResult>();
            foreach (var history in histories)
            {
                results.Add(await replayer.ReplayOneAsync(history, throwOnReplayFailure, token).ConfigureAwait(false));
            }

            return results;
        };
        foreach (var plugin in (Options.Plugins ?? []).Reverse())
        {
            var next = replay;
            replay = (replayer, token) => plugin.ReplayWorkflowsAsync(replayer, next, token);
        }

        return replay(this, cancellationToken);
    }

    /// <summary>Replays histories as they come.</summary>
    /// <param name="histories">The histories.</param>
    /// <param name="throwOnReplayFailure">Whether to stop at the first that goes wrong, and to throw why.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How each went.</returns>
    public IAsyncEnumerable<WorkflowReplayResult> ReplayWorkflowsAsync(
        IAsyncEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false, CancellationToken cancellationToken = default)
    {
        Func<WorkflowReplayer, IAsyncEnumerable<WorkflowReplayResult>> replay =
            replayer => replayer.ReplayEachAsync(histories, throwOnReplayFailure, cancellationToken);
        foreach (var plugin in (Options.Plugins ?? []).Reverse())
        {
            var next = replay;
            replay = replayer => plugin.ReplayWorkflowsAsync(replayer, next, cancellationToken);
        }

        return replay(this);
    }

    private async IAsyncEnumerable<WorkflowReplayResult> ReplayEachAsync(
        IAsyncEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var history in histories.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return await ReplayOneAsync(history, throwOnReplayFailure, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<WorkflowReplayResult> ReplayOneAsync(WorkflowHistory history, bool throwOnReplayFailure, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = history.Events.FirstOrDefault() is { EventType: EventType.WorkflowExecutionStarted } first
            ? first.WorkflowExecutionStartedEventAttributes
            : throw new ArgumentException($"History of workflow {history.Id} does not begin with the start of a run", nameof(history));
        using var listening = Options.DisableWorkflowTracingEventListener ? null : WorkflowTracingEventListener.Listen();
        var run = new WorkflowRun(runtime, history.Id, RunIdOf(started), started.WorkflowType.Name);
        var failure = await run.AdvanceAsync(history.Events, startedEventId: 0).ConfigureAwait(false) switch
        {
            null => null,
            InvalidWorkflowOperationException e => e,
            var e => new InvalidWorkflowOperationException($"Workflow task failed: {e.Message}", e),
        };
        return failure is not null && throwOnReplayFailure ? throw failure : new(history, failure);
    }

    /// <summary>A history does not tell its run id; unless the run was reset, it is the original one.</summary>
    private static string RunIdOf(Api.History.V1.WorkflowExecutionStartedEventAttributes started) =>
        started.OriginalExecutionRunId.Length > 0 ? started.OriginalExecutionRunId : Guid.NewGuid().ToString();
}
