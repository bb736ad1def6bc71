using Onramp.Cli.Connections;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.Cli.Commands;

internal static class Waiting
{
    /// <summary>Until Ctrl-C or SIGTERM, or until a part ends by itself, which it only does when it failed.</summary>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <param name="worker">What the worker ends with; null: there is none.</param>
    /// <param name="storeFailed">Why the embedded server's data file can't be written any more; null: there is none.</param>
    /// <exception cref="CliException">The worker or the data file failed.</exception>
    public static async Task ForEndAsync(CancellationToken cancellationToken, Task? worker = null, Task<StoreStoppedException>? storeFailed = null)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(() => asked.TrySetResult()))
            await Task.WhenAny(new[] { asked.Task, worker, storeFailed }.OfType<Task>());
        if (storeFailed is { IsCompleted: true })
            throw new CliException($"the data file can't be written any more: {(await storeFailed).Message}.", ExitCodes.StoreFailed);
        if (worker is { IsCompleted: true } && !cancellationToken.IsCancellationRequested)
            await ThrowAsync(worker);
    }

    private static async Task ThrowAsync(Task worker)
    {
        try
        {
            await worker;
        }
        catch (Exception e) when (ConnectFailure.Of(e) is { } failure)
        {
            throw new CliException($"the worker stopped: {failure.Reason}", ExitCodes.Failed, e);
        }
        throw new CliException("the worker stopped by itself.");
    }
}
