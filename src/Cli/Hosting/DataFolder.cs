namespace Onramp.Cli.Hosting;

/// <summary>A folder for data files: the one named, which stays, or a temporary one, which goes.</summary>
internal sealed class DataFolder : IDisposable
{
    private DataFolder(string path, bool isTemporary)
    {
        Path = path;
        IsTemporary = isTemporary;
    }

    /// <summary>The user's own, where nobody names one.</summary>
    public static string Default => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "onramp");

    public string Path { get; }

    public bool IsTemporary { get; }

    public static DataFolder Open(string? named) => named is null
        ? new DataFolder(Directory.CreateTempSubdirectory("onramp-").FullName, isTemporary: true)
        : new DataFolder(System.IO.Path.GetFullPath(named), isTemporary: false);

    public void Dispose()
    {
        if (!IsTemporary)
            return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Left to the system's own cleaning of temporary files.
        }
    }
}
