using System.ComponentModel;
using System.Diagnostics;

namespace Onramp.Cli.Ui;

/// <summary>Runs Node's programs.</summary>
/// <param name="folder">Where they are; null: on the PATH.</param>
internal sealed class NodeTool(string? folder = null)
{
    private const int LeastMajor = 20;
    private const string Missing = "building Temporal's web UI needs Node.js 20 or later with npm (https://nodejs.org)";

    /// <summary>What programs get to know of this process: where things lie and how the network is reached, and no secret of Onramp's.</summary>
    private static readonly string[] Passed =
    [
        "PATH", "PATHEXT", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP", "SystemRoot", "ComSpec", "LANG",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ];

    private static readonly string[] PassedPrefixes = ["npm_config_", "NODE_", "LC_"];

    /// <summary>Makes sure that they are there.</summary>
    /// <exception cref="CliException">One is missing or too old; the line says what is needed.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var version = await VersionAsync("node", cancellationToken);
        if (!int.TryParse(version.TrimStart('v').Split('.')[0], out var major) || major < LeastMajor)
            throw new CliException($"{Missing}; this is Node.js {version}.");
        await VersionAsync("npm", cancellationToken);
    }

    /// <summary>Runs a program to its end, with what it says in the log. Cancelling ends it and all that it started.</summary>
    /// <exception cref="CliException">It could not be started, or ended with something else than 0.</exception>
    public async Task RunAsync(string program, string[] arguments, string workFolder, string logFile, CancellationToken cancellationToken)
    {
        await using var log = new StreamWriter(logFile, append: true);
        await log.WriteLineAsync($"> {program} {string.Join(' ', arguments)}");
        var exitCode = await RunAsync(program, arguments, workFolder, line => log.WriteLine(line), cancellationToken);
        if (exitCode != 0)
            throw new CliException($"'{program} {string.Join(' ', arguments)}' ended with {exitCode}; '{logFile}' has all that it said.");
    }

    private async Task<string> VersionAsync(string program, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var exitCode = await RunAsync(program, ["--version"], Path.GetTempPath(), lines.Add, cancellationToken);
        return exitCode == 0 && lines.Count > 0 ? lines[0] : throw new CliException($"{Missing}; '{program} --version' ended with {exitCode}.");
    }

    private async Task<int> RunAsync(string program, string[] arguments, string workFolder, Action<string> heard, CancellationToken cancellationToken)
    {
        var file = OperatingSystem.IsWindows() && program != "node" ? program + ".cmd" : program;
        var start = new ProcessStartInfo(folder is null ? file : Path.Combine(folder, file), arguments)
        {
            WorkingDirectory = workFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => !IsPassed(name)).ToList())
            start.Environment.Remove(name);
        using var process = new Process { StartInfo = start };
        var guard = new Lock();
        process.OutputDataReceived += (_, said) => Hear(said.Data);
        process.ErrorDataReceived += (_, said) => Hear(said.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new CliException($"{Missing}; '{program}' is not on the PATH.", ExitCodes.Failed, e);
        }
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        if (process.ExitCode != 0)
        {
            // Ctrl-C at a terminal reaches it as well, and it may be quicker.
            cancellationToken.ThrowIfCancellationRequested();
        }
        return process.ExitCode;

        void Hear(string? line)
        {
            if (line is null)
                return;
            lock (guard)
                heard(line);
        }
    }

    private static bool IsPassed(string name) =>
        Passed.Contains(name, StringComparer.OrdinalIgnoreCase) || PassedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
