using Onramp.EmbeddedServer;

namespace Onramp.Cli.Hosting;

/// <summary>The files of a data folder.</summary>
internal static class DataFiles
{
    public const string Temporal = "temporal.db";
    public const string Sandbox = "sandbox.db";

    private static ReadOnlySpan<byte> SqliteMagic => "SQLite format 3\0"u8;

    /// <summary>Path of a file in the folder, which is made when missing; <c>:memory:</c> without a folder.</summary>
    public static string In(string? directory, string file)
    {
        if (directory is null)
            return TemporalServerOptions.InMemory;
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (IOException e)
        {
            throw new CliException($"the data folder '{directory}' can't be made: {e.Message}", ExitCodes.Failed, e);
        }
        return Check(Path.Combine(directory, file));
    }

    /// <summary>Refuses a file that holds something else, before anything touches it.</summary>
    public static string Check(string path)
    {
        if (path == TemporalServerOptions.InMemory)
            return path;
        if (Directory.Exists(path))
            throw new CliException($"the data file '{path}' is a folder.", ExitCodes.Usage);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null && !Directory.Exists(folder))
            throw new CliException($"the folder of the data file '{path}' does not exist.", ExitCodes.Usage);
        if (File.Exists(path) && !IsSqlite(path))
            throw new CliException($"'{path}' is not a data file of Onramp; it is left as it is. Choose another.", ExitCodes.Failed);
        return path;
    }

    private static bool IsSqlite(string path)
    {
        Span<byte> head = stackalloc byte[SqliteMagic.Length];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return stream.Length == 0 || (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(SqliteMagic));
    }
}
