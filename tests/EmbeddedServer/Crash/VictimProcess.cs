using System.Diagnostics;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>A process of this assembly, to be killed.</summary>
internal sealed class VictimProcess : IAsyncDisposable
{
    private readonly Process _process;

    private VictimProcess(Process process) => _process = process;

    /// <summary>What it prints, line by line; null at its end.</summary>
    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken = default) =>
        _process.StandardOutput.ReadLineAsync(cancellationToken);

    public static VictimProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(Victim).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new VictimProcess(Process.Start(start)!);
    }

    /// <summary>SIGKILL, and its end awaited: nothing it holds is held any more.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
