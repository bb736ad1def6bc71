using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Playwright;
using Onramp.Testing;

namespace Onramp.Ui.Tests;

/// <summary>The browser: the one named by <c>ONRAMP_CHROMIUM</c>, one on the PATH, or one from npm by the lock file.</summary>
internal static class Chromium
{
    private const int LeastNode = 20;

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private static string? Here => Environment.GetEnvironmentVariable("ONRAMP_CHROMIUM") ?? Names.Select(Programs.Find).FirstOrDefault(path => path is not null);

    /// <summary>Why the UI can't be built or shown on this machine; null if it can.</summary>
    public static async Task<string?> MissingAsync()
    {
        if (!Programs.AreThere("node", "npm"))
        {
            return "Node.js and npm are not on this machine: the web UI can't be built";
        }

        var version = (await RunAsync("node", "--version")).Trim();
        if (int.Parse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture) < LeastNode)
        {
            return $"Node.js {version} is on this machine: building the web UI needs {LeastNode} or later";
        }

        return CanBeHad ? null : "There is no Chromium on the PATH, and npm has none for this machine (ONRAMP_CHROMIUM names one that is elsewhere)";
    }

    private static bool CanBeHad => Here is not null || (OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64);

    /// <summary>Starts it without a window.</summary>
    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        var (program, libraries) = Here is { } found ? (found, "") : await FromNpmAsync();
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>().ToDictionary(name => name, name => Environment.GetEnvironmentVariable(name)!, StringComparer.Ordinal);
        if (libraries.Length > 0)
        {
            environment["LD_LIBRARY_PATH"] = libraries;
        }

        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Env = environment,
            // Where tests run as root or in a container there is no sandbox to have; what the pages may do is ours to say.
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.example 127.0.0.1"],
        });
    }

    private static async Task<(string Program, string Libraries)> FromNpmAsync()
    {
        var (wanted, restored) = (Path.Combine(Folder(), "package-lock.json"), Path.Combine(Folder(), "node_modules", ".package-lock.json"));
        if (!File.Exists(restored) || File.GetLastWriteTimeUtc(restored) < File.GetLastWriteTimeUtc(wanted))
        {
            await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        }

        var said = JsonDocument.Parse(await RunAsync("node", "chromium.mjs")).RootElement;
        return (said.GetProperty("program").GetString()!, said.GetProperty("libraries").GetString()!);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder(), UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{await output}{await error}");
        return await output;
    }

    private static string Folder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Browser");
}
