using Onramp.EmbeddedServer.Storage.Sqlite;

namespace Onramp.Bench;

/// <summary>Where a measurement keeps its data: what was asked for, or a file of its own that is deleted at the end.</summary>
internal sealed class DataPlace : IDisposable
{
    private readonly DirectoryInfo? _folder;

    public DataPlace(Arguments arguments)
    {
        var asked = arguments.Find(Option.Data.Name);
        if (asked is null)
        {
            _folder = Directory.CreateTempSubdirectory("onramp-bench-");
        }

        Path = asked ?? System.IO.Path.Combine(_folder!.FullName, "bench.db");
    }

    public string Path { get; }

    public bool IsInMemory => Path == SqliteStoreOptions.InMemory;

    public string Describe(SynchronousMode mode) => IsInMemory ? "in memory, nothing to sync" : $"file, synchronous={mode.ToString().ToUpperInvariant()}";

    public void Dispose() => _folder?.Delete(recursive: true);
}
