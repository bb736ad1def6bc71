using System.Security.Cryptography;
using System.Text;

namespace Onramp.Cli.Ui;

/// <summary>What Temporal's web UI is built from: the folder that lies beside the program.</summary>
internal sealed class UiSources
{
    /// <summary>What a folder of sources must hold: it says to the last byte what else is built in.</summary>
    private const string LockFile = "package-lock.json";

    private const int KeyLength = 16;

    /// <summary>What npm and vite leave behind where somebody works on the sources.</summary>
    private static readonly string[] Made = ["node_modules", "build", ".svelte-kit"];

    private readonly string folder;
    private readonly IReadOnlyList<string> files;

    private UiSources(string folder, IReadOnlyList<string> files)
    {
        this.folder = folder;
        this.files = files;
        Key = KeyOf(folder, files);
    }

    /// <summary>Where they lie when nobody says otherwise.</summary>
    public static string DefaultFolder => Path.Combine(AppContext.BaseDirectory, "ui");

    /// <summary>Stands for all of them: other sources have another key.</summary>
    public string Key { get; }

    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, LockFile));

    /// <exception cref="CliException">There are none.</exception>
    public static UiSources Open(string folder)
    {
        if (!AreIn(folder))
            throw new CliException($"the sources of the web UI are not beside the program: there is no '{Path.Combine(folder, LockFile)}'.");
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !Made.Contains(file.Split(Path.DirectorySeparatorChar)[0], StringComparer.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        return new UiSources(folder, files);
    }

    /// <summary>Copies them into a folder that is there already.</summary>
    public void CopyTo(string target)
    {
        foreach (var file in files)
        {
            var copy = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(folder, file), copy);
        }
    }

    private static string KeyOf(string folder, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file.Replace(Path.DirectorySeparatorChar, '/') + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file))));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..KeyLength];
    }
}
