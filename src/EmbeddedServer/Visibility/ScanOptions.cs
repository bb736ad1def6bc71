namespace Onramp.EmbeddedServer.Visibility;

/// <summary>How queries go about finding runs.</summary>
internal sealed record ScanOptions
{
    /// <summary>Lists and counts that are read at the same time, each by a thread of its own and with a connection that has a cache; more are refused.</summary>
    public int MostAtOnce { get; init; } = 64;

    /// <summary>Bytes after which a page ends, however few runs it has: memos may be large, and clients take messages of 4 MiB.</summary>
    public long MostPageBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>How long a query may take; the caller is told when it is over.</summary>
    public TimeSpan Limit { get; init; } = VisibilityLimits.MaximumScan;

    /// <summary>Up to here the runs that an index leads to are looked up and sorted at once, in a few milliseconds.</summary>
    public long FewListedByIndex { get; init; } = 500;

    /// <summary>Beyond that a list looks at runs in its order only.</summary>
    public long MostListedByIndex { get; init; } = 20_000;

    /// <summary>In between: how long it is tried whether the order leads to a page of them.</summary>
    public TimeSpan TriedInOrder { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Beyond that, looking up single runs to count them takes longer than looking at all.</summary>
    public long MostCountedByIndex { get; init; } = 50_000;

    /// <summary>Where nothing but the status counts, the store's own counts are read.</summary>
    public bool UsesCounts { get; init; } = true;
}
