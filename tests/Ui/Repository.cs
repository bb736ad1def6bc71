namespace Onramp.Ui.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Workflows.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Workflows.sln is in no folder above the tests");
        return folder;
    }
}
