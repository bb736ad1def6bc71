using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>
/// The web UI's pages as they were built, read whole when the server starts: what happens to the folder afterwards changes nothing, and no path leads
/// out of it, since only what was found there is known.
/// </summary>
internal sealed class UiFiles
{
    /// <summary>The page that every path shows which is no file: the UI finds its way by itself.</summary>
    public const string Entry = "index.html";

    /// <summary>Where files lie whose names change with their content.</summary>
    public const string Immutable = AppFolder + "immutable/";

    private const string AppFolder = "_app/";

    /// <summary>Far more than a built UI has; a folder that holds more is another one, named by mistake.</summary>
    private const long MaximumBytes = 64 * 1024 * 1024;

    private const int MaximumFiles = 10_000;

    private readonly FrozenDictionary<string, UiFile> files;

    private UiFiles(FrozenDictionary<string, UiFile> files) => this.files = files;

    /// <summary>Reads a folder. Links within it are not followed.</summary>
    /// <exception cref="ValidationException">It is no folder of a built UI.</exception>
    public static UiFiles Load(string folder)
    {
        if (!File.Exists(Path.Combine(folder, Entry)))
        {
            throw new ValidationException($"The folder '{folder}' holds no {Entry}: that is no built web UI.");
        }

        var files = new Dictionary<string, UiFile>(StringComparer.Ordinal);
        var bytes = 0L;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", all))
        {
            bytes += file.Length;
            if (bytes > MaximumBytes || files.Count == MaximumFiles)
            {
                throw new ValidationException($"The folder '{folder}' holds more than {MaximumFiles} files or {MaximumBytes} bytes: that is no built web UI.");
            }

            var path = Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            files[path] = new UiFile(path, File.ReadAllBytes(file.FullName));
        }

        return new UiFiles(files.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>
    /// The file at a path, or the entry page; null for parts of the UI that aren't there (any more): a page that was loaded from an older build has to
    /// get to know that.
    /// </summary>
    /// <param name="path">Unescaped, without the leading slash.</param>
    public UiFile? Find(string path) =>
        files.TryGetValue(path, out var file) ? file : path.StartsWith(AppFolder, StringComparison.Ordinal) ? null : files[Entry];
}
