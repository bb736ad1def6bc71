using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Onramp.Cli;

namespace Onramp.EndToEnd.Tests;

/// <summary><c>onramp</c> as its own process.</summary>
internal sealed class OnrampProcess : IAsyncDisposable
{
    private const int LowestPort = 15_000;
    private const int HighestPort = 32_000;

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OnrampProcess(Process process) => this.process = process;

    /// <summary>Everything written so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Completes when it says that it is ready; fails when it ends before.</summary>
    public Task Ready => ready.Task;

    public int ProcessId => process.Id;

    public static OnrampProcess Start(IEnumerable<string> arguments, params (string Name, string? Value)[] environment) => StartIn(Environment.CurrentDirectory, arguments, environment);

    /// <param name="folder">Where it is started.</param>
    public static OnrampProcess StartIn(string folder, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(CliException).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("TEMPORAL_", StringComparison.Ordinal) || k.StartsWith("ONRAMP_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var started = new OnrampProcess(process);
        process.OutputDataReceived += (_, e) => started.Take(e.Data);
        process.ErrorDataReceived += (_, e) => started.Take(e.Data);
        process.Exited += (_, _) => started.ready.TrySetException(new InvalidOperationException($"onramp ended before it was ready:\n{started.Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, TimeSpan limit, params (string Name, string? Value)[] environment)
    {
        await using var started = Start(arguments, environment);
        started.process.StandardInput.Close();
        using var patience = new CancellationTokenSource(limit);
        await started.process.WaitForExitAsync(patience.Token);
        return (started.process.ExitCode, started.Output);
    }

    /// <summary>SIGKILL: nothing in it gets to finish anything.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan limit)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var patience = new CancellationTokenSource(limit);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    /// <summary>
    /// Ports that are free and stay so between a process's end and its next start: they lie below those that systems give to connections
    /// and to listeners that don't care.
    /// </summary>
    public static int[] FreePorts(int count)
    {
        var ports = new List<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(LowestPort, HighestPort);
            if (!ports.Contains(port) && IsFree(port))
                ports.Add(port);
        }
        return [.. ports];
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        if (line.StartsWith("Ready.", StringComparison.Ordinal))
            ready.TrySetResult();
    }
}
