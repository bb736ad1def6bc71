namespace Onramp.Cli.Commands;

internal static class Waiting
{
    /// <summary>Until Ctrl-C or SIGTERM.</summary>
    public static async Task ForEndAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(() => ended.TrySetResult()))
            await ended.Task;
    }
}
