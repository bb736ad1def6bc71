using Onramp.Cli.Connections;

namespace Onramp.Cli.Commands;

internal static class Waiting
{
    /// <summary>Until Ctrl-C or SIGTERM, or until a worker ends by itself, which it only does when it failed.</summary>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <param name="worker">What the worker ends with; null: there is none.</param>
    /// <exception cref="CliException">The worker failed.</exception>
    public static async Task ForEndAsync(CancellationToken cancellationToken, Task? worker = null)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(() => asked.TrySetResult()))
        {
            if (worker is null || await Task.WhenAny(asked.Task, worker) == asked.Task)
            {
                await asked.Task;
                return;
            }
        }
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
