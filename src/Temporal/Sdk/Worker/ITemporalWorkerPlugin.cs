namespace Temporalio.Worker;

/// <summary>Changes how workers and replayers are set up and run. The first plugin of a list is the outermost.</summary>
public interface ITemporalWorkerPlugin
{
    /// <summary>Gets the plugin's name, for logs.</summary>
    string Name { get; }

    /// <summary>Changes a worker's options before the worker is made.</summary>
    /// <param name="options">The worker's own copy of its options.</param>
    void ConfigureWorker(TemporalWorkerOptions options);

    /// <summary>Runs a worker, by running the continuation with whatever belongs around it.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="worker">The worker.</param>
    /// <param name="continuation">Runs it.</param>
    /// <param name="stoppingToken">Stops it.</param>
    /// <returns>What the continuation returns.</returns>
    Task<TResult> RunWorkerAsync<TResult>(
        TemporalWorker worker, Func<TemporalWorker, CancellationToken, Task<TResult>> continuation, CancellationToken stoppingToken);

    /// <summary>Changes a replayer's options before the replayer is made.</summary>
    /// <param name="options">The replayer's own copy of its options.</param>
    void ConfigureReplayer(WorkflowReplayerOptions options);

    /// <summary>Replays histories, by running the continuation with whatever belongs around it.</summary>
    /// <param name="replayer">The replayer.</param>
    /// <param name="continuation">Replays them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What the continuation returns.</returns>
    Task<IEnumerable<WorkflowReplayResult>> ReplayWorkflowsAsync(
        WorkflowReplayer replayer,
        Func<WorkflowReplayer, CancellationToken, Task<IEnumerable<WorkflowReplayResult>>> continuation,
        CancellationToken cancellationToken);

    /// <summary>Replays histories as they come, by running the continuation with whatever belongs around it.</summary>
    /// <param name="replayer">The replayer.</param>
    /// <param name="continuation">Replays them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What the continuation returns.</returns>
    IAsyncEnumerable<WorkflowReplayResult> ReplayWorkflowsAsync(
        WorkflowReplayer replayer,
        Func<WorkflowReplayer, IAsyncEnumerable<WorkflowReplayResult>> continuation,
        CancellationToken cancellationToken);
}
