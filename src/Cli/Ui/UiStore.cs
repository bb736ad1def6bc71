namespace Onramp.Cli.Ui;

/// <summary>
/// Where built pages are kept, each build in a folder of its own that is named after the sources' key and appears at once, when it is complete. One
/// process builds at a time; others wait and find what it made.
/// </summary>
internal sealed class UiStore(string dataFolder)
{
    public const string Entry = "index.html";

    private const string FolderName = "web-ui";
    private const string WorkPrefix = ".work-";

    /// <summary>Builds of other versions of the program that stay.</summary>
    private const int KeptBuilds = 3;

    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(250);

    private readonly string root = Path.Combine(Path.GetFullPath(dataFolder), FolderName);

    /// <summary>What a build that failed had to say.</summary>
    public string LogFile => Path.Combine(root, "build.log");

    /// <summary>Where a build is, or will be.</summary>
    public string PathOf(string key) => Path.Combine(root, key);

    /// <summary>The folder of a complete build, or null.</summary>
    public string? Find(string key) => File.Exists(Path.Combine(PathOf(key), Entry)) ? PathOf(key) : null;

    /// <summary>Keeps other processes from building until it is disposed of.</summary>
    /// <param name="waits">Called once when another one is building.</param>
    /// <exception cref="CliException">The folder can't be written.</exception>
    public async Task<IDisposable> LockAsync(Action waits, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the folder '{root}' for the web UI can't be made: {e.Message}", ExitCodes.Failed, e);
        }
        var file = Path.Combine(root, ".lock");
        for (var first = true; ; first = false)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                if (first)
                    waits();
                await Task.Delay(LockInterval, cancellationToken);
            }
        }
    }

    /// <summary>An empty folder to build in, which takes along what builds that were interrupted left. Only for whoever holds the lock.</summary>
    public string OpenWork()
    {
        foreach (var left in Directory.EnumerateDirectories(root, WorkPrefix + "*"))
            Directory.Delete(left, recursive: true);
        return Directory.CreateDirectory(Path.Combine(root, WorkPrefix + Path.GetRandomFileName())).FullName;
    }

    /// <summary>Takes in a complete build, at once. Only for whoever holds the lock.</summary>
    public string Keep(string key, string built)
    {
        var path = PathOf(key);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.Move(built, path);
        Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        foreach (var old in new DirectoryInfo(root).EnumerateDirectories().Where(d => d.Name[0] != '.').OrderByDescending(d => d.LastWriteTimeUtc).Skip(KeptBuilds))
            old.Delete(recursive: true);
        return path;
    }
}
