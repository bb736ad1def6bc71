namespace Onramp.EmbeddedServer.Storage;

/// <summary>Names a batch operation.</summary>
public readonly record struct BatchKey(string NamespaceId, string JobId);

/// <summary>A batch operation as stored. Both parts are opaque to the store; only <c>Batches</c> reads them.</summary>
/// <param name="Number">Rises with every one that is made.</param>
public sealed record BatchRow(BatchKey Key, long Number, byte[] Definition, byte[] Progress);

/// <summary>A workflow that a batch operation is still to be done to.</summary>
/// <param name="Position">Its place in line.</param>
public sealed record BatchTarget(long Position, string WorkflowId, string RunId);

/// <summary>All that a step changes of a batch operation.</summary>
public sealed record BatchWrite
{
    public required BatchKey Key { get; init; }

    /// <summary>Given with its first write, and never again. That write fails if there is one of this key.</summary>
    public byte[]? Definition { get; init; }

    public required byte[] Progress { get; init; }

    public required bool IsRunning { get; init; }

    /// <summary>Workflows to add to the line; their positions are given by the store.</summary>
    public IReadOnlyList<(string WorkflowId, string RunId)> Added { get; init; } = [];

    /// <summary>Those up to this position are done.</summary>
    public long DoneThrough { get; init; }
}
