using System.Diagnostics;

namespace Onramp.Cli.Tests;

/// <summary><c>onramp</c> as its own process, until the test is done with it.</summary>
internal sealed class RunningOnramp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;

    private RunningOnramp(Process process) => this.process = process;

    public static RunningOnramp Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(CliException).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("TEMPORAL_", StringComparison.Ordinal) || k.StartsWith("ONRAMP_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return new RunningOnramp(Process.Start(start)!);
    }

    /// <summary>The next line of its output that begins so, without its beginning.</summary>
    public async Task<string> SaysAsync(string beginning)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line[beginning.Length..].Trim();
        }
        throw new InvalidOperationException($"It ended without a line that begins with '{beginning}'.");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
