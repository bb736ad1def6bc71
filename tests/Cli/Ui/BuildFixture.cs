using Onramp.Cli.Ui;
using Spectre.Console;

namespace Onramp.Cli.Tests.Ui;

/// <summary>Sources of a web UI, a data folder, and programs of Node's that are shell scripts which a test writes.</summary>
public sealed class BuildFixture : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("onramp-ui-build-");
    private readonly StringWriter said = new();

    public BuildFixture()
    {
        WriteSource("package-lock.json", "{}");
        WriteSource("src/app.html", "<html>");
        Script("node", "echo v20.1.0");
        Script("npm", "echo 10.0.0");
        Script("npx", "mkdir build; cp src/app.html build/index.html; echo built");
    }

    public string Sources => In("sources");

    public string Data => In("data");

    /// <summary>What was told to the user.</summary>
    public string Said => said.ToString();

    internal UiStore Store => new(Data);

    /// <summary>Folders of the store, complete or not, in the order of their names.</summary>
    public string Kept => string.Join(' ', Directory.EnumerateDirectories(Path.Combine(Data, "web-ui")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));

    public string In(params string[] path) => Path.Combine([root.FullName, .. path]);

    public void WriteSource(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In("sources", file))!);
        File.WriteAllText(In("sources", file), text);
    }

    /// <summary>Writes a program.</summary>
    public void Script(string program, string text)
    {
        Directory.CreateDirectory(In("bin"));
        File.WriteAllText(In("bin", program), $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(In("bin", program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public Task<string> BuildAsync(CancellationToken cancellationToken = default)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(TextWriter.Synchronized(said)) });
        console.Profile.Width = 1000;
        return new UiBuilder(UiSources.Open(Sources), Store, new NodeTool(In("bin")), console).EnsureAsync(cancellationToken);
    }

    public void Dispose() => root.Delete(recursive: true);
}
