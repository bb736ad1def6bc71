using Onramp.Cli.Hosting;
using Onramp.Cli.Output;

namespace Onramp.Cli.Ui;

/// <summary>Finds the pages of Temporal's web UI, or has them built.</summary>
internal static class WebUi
{
    /// <summary>
    /// The folder of built pages: in a data folder, the user's own, or beside the program, where images have them. Null if there is none.
    /// </summary>
    /// <param name="dataFolder">Looked into first; null: none.</param>
    public static string? Find(string? dataFolder)
    {
        if (!UiSources.AreIn(UiSources.DefaultFolder))
            return null;
        var key = UiSources.Open(UiSources.DefaultFolder).Key;
        return new[] { dataFolder, DataFolder.Default, AppContext.BaseDirectory }.OfType<string>()
            .Select(folder => new UiStore(folder).Find(key)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The same, and built into the data folder (the user's own without one) if there is none.</summary>
    /// <exception cref="CliException">They can't be built; the line says why.</exception>
    public static async Task<string> EnsureAsync(string? dataFolder, CancellationToken cancellationToken) =>
        Find(dataFolder) ?? await BuildAsync(dataFolder ?? DataFolder.Default, cancellationToken);

    /// <summary>The folder of the pages that a data folder has, built into it if it has none.</summary>
    /// <exception cref="CliException">They can't be built; the line says why.</exception>
    public static Task<string> BuildAsync(string dataFolder, CancellationToken cancellationToken) =>
        new UiBuilder(UiSources.Open(UiSources.DefaultFolder), new UiStore(dataFolder), new NodeTool(), Terminal.Create()).EnsureAsync(cancellationToken);
}
