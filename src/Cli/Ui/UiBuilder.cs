using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Onramp.Cli.Ui;

/// <summary>Builds Temporal's web UI from the sources beside the program, once.</summary>
internal sealed class UiBuilder(UiSources sources, UiStore store, NodeTool node, IAnsiConsole console)
{
    /// <summary>Where vite puts what it makes.</summary>
    private const string Output = "build";

    /// <summary>The folder of the pages, built if they aren't there.</summary>
    /// <exception cref="CliException">They can't be built; the line says why.</exception>
    public async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        if (store.Find(sources.Key) is { } there)
            return there;
        await node.CheckAsync(cancellationToken);
        using var held = await store.LockAsync(() => console.WriteLine("Another process builds the web UI; waiting for it."), cancellationToken);
        if (store.Find(sources.Key) is { } made)
            return made;
        var work = store.OpenWork();
        try
        {
            return await BuildAsync(work, cancellationToken);
        }
        finally
        {
            Remove(work);
        }
    }

    private static void Remove(string work)
    {
        try
        {
            Directory.Delete(work, recursive: true);
        }
        catch (IOException)
        {
            // Something that was ended still held on to it; the next build takes it along.
        }
    }

    private async Task<string> BuildAsync(string work, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        console.WriteLine("Building Temporal's web UI from npm's packages, once; that takes about a minute.");
        File.Delete(store.LogFile);
        sources.CopyTo(work);
        await StepAsync("Packages are fetched (npm ci)", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], work, cancellationToken);
        await StepAsync("Pages are built (vite build)", "npx", ["--no", "vite", "build"], work, cancellationToken);
        var built = Path.Combine(work, Output);
        if (!File.Exists(Path.Combine(built, UiStore.Entry)))
            throw new CliException($"the build of the web UI made no {UiStore.Entry}; '{store.LogFile}' has all that was said.");
        var kept = store.Keep(sources.Key, built);
        console.WriteLine($"Built in {Seconds(began)}: {kept}");
        return kept;
    }

    private async Task StepAsync(string what, string program, string[] arguments, string work, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await console.Status().StartAsync($"{what} …", _ => node.RunAsync(program, arguments, work, store.LogFile, cancellationToken));
        console.WriteLine($"  {what}: {Seconds(began)}");
    }

    private static string Seconds(long began) => Stopwatch.GetElapsedTime(began).TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture);
}
