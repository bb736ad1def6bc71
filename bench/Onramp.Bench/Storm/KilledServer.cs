using System.Diagnostics;
using System.Globalization;

namespace Onramp.Bench;

/// <summary>A server in a process of its own, on one file and one port, that is killed and started again.</summary>
internal sealed class KilledServer(string path) : IAsyncDisposable
{
    private Process? _process;
    private string _port = "0";

    public int Kills { get; private set; }

    /// <summary>Returns once it listens, with its address.</summary>
    public async Task<string> StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [typeof(KilledServer).Assembly.Location, "serve", "--port", _port, "--data", path])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var address = await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false)
            ?? throw new InvalidOperationException($"the server ended with {_process.ExitCode.ToString(CultureInfo.InvariantCulture)}");
        _port = address.Split(':')[^1];
        return address;
    }

    public async Task KillAndRestartAsync()
    {
        await KillAsync().ConfigureAwait(false);
        Kills++;
        await StartAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await KillAsync().ConfigureAwait(false);

    private async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync().ConfigureAwait(false);
            process.Dispose();
            _process = null;
        }
    }
}
