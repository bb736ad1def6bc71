using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>How a commit reaches the disk.</summary>
public enum SynchronousMode
{
    /// <summary>Never waits for the disk: a crash of the machine may lose or break the file. For measurements only.</summary>
    Off = 0,

    /// <summary>Syncs at checkpoints: a crash of the machine may lose the last commits. For measurements only.</summary>
    Normal = 1,

    /// <summary>Syncs every transaction.</summary>
    Full = 2,
}

/// <summary>Options of <see cref="SqliteStore"/>.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The name that means a store in memory, gone when it is closed.</summary>
    public const string InMemory = ":memory:";

    /// <summary>The file, or <see cref="InMemory"/>. Its folder must exist. Beside it come files with the endings -wal, -shm and -lock.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Path { get; init; }

    /// <summary>Makes what says what of search attributes is indexed, for the store that asks.</summary>
    public required Func<IStore, IAttributeIndexer> Indexer { get; init; }

    /// <summary>Default <see cref="SynchronousMode.Full"/>, which alone keeps the contract of <see cref="IStore"/>.</summary>
    public SynchronousMode Synchronous { get; init; } = SynchronousMode.Full;

    /// <summary>The most commits that share one transaction. Default 256; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int MaximumCommitsPerTransaction { get; init; } = 256;

    /// <summary>Bytes in the write-ahead log that make it be copied into the file. Default 32 MiB; 64 KiB to 4 GiB.</summary>
    [Range(64 * 1024, 4L * 1024 * 1024 * 1024)]
    public long CheckpointBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Bytes of deleted runs that stay in the file for new ones when it is made shorter. Default 1 MiB; 0 to 4 GiB.</summary>
    [Range(0, 4L * 1024 * 1024 * 1024)]
    public long KeptFreeBytes { get; init; } = 1024 * 1024;

    /// <summary>The most read connections that are kept open for later. Default 16; 1 to 256.</summary>
    [Range(1, 256)]
    public int MaximumIdleReaders { get; init; } = 16;

    /// <summary>How long another program's lock on the file is waited out before that is logged. Default 5 s; 0 to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LockReportDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long closing waits for another program's lock on the file. Default 10 s; 0 to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ClosePatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default: no logs.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    public bool IsInMemory => string.Equals(Path, InMemory, StringComparison.Ordinal);
}
