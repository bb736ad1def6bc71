using Onramp.Cli.Commands;

namespace Onramp.Cli.Tests;

/// <summary>What ends a command that serves.</summary>
public sealed class WaitingTests
{
    [Fact]
    public async Task Being_asked_to_stop_ends_it_well()
    {
        using var stop = new CancellationTokenSource();
        var waiting = Waiting.ForEndAsync(stop.Token, new TaskCompletionSource().Task);

        await stop.CancelAsync();

        await Should.NotThrowAsync(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_worker_that_was_refused_ends_it_with_the_reason()
    {
        var worker = Task.FromException(new InvalidOperationException("""Worker validation failed: Status { code: NotFound, message: "Namespace team is not found.", details: b"" }"""));

        var failure = await Should.ThrowAsync<CliException>(() => Waiting.ForEndAsync(CancellationToken.None, worker));

        failure.Message.ShouldBe("the worker stopped: Namespace team is not found.");
    }

    [Fact]
    public async Task A_worker_that_just_ends_has_failed() =>
        (await Should.ThrowAsync<CliException>(() => Waiting.ForEndAsync(CancellationToken.None, Task.CompletedTask))).ExitCode.ShouldBe(ExitCodes.Failed);
}
