using System.Diagnostics;

namespace Onramp.Cli.Tests;

/// <summary><c>onramp</c> as it is published, of the build that the tests belong to.</summary>
public sealed class PublishedProgram : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-published-");

    public string Path => System.IO.Path.Combine(folder.FullName, OperatingSystem.IsWindows() ? "onramp.exe" : "onramp");

    public async Task InitializeAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar)).Parent!.Name;
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", System.IO.Path.Combine(Repository.Root, "src", "Cli"), "--no-build", "--configuration", configuration, "--output", folder.FullName, "--verbosity", "quiet"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet publish ended with {publish.ExitCode}: {output}");
        }
    }

    public Task DisposeAsync()
    {
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
