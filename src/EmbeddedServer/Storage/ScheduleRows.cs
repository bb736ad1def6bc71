namespace Onramp.EmbeddedServer.Storage;

/// <summary>Names a schedule.</summary>
public readonly record struct ScheduleKey(string NamespaceId, string ScheduleId);

/// <summary>A schedule as stored. Both parts are opaque to the store; only <c>Schedules</c> reads them.</summary>
/// <param name="Definition">What it is to do: large, and changed by people only.</param>
/// <param name="Progress">What it has done and is about to do.</param>
public sealed record ScheduleRow(ScheduleKey Key, byte[] Definition, byte[] Progress);

/// <summary>All that a decision changes of a schedule.</summary>
public sealed record ScheduleWrite
{
    public required ScheduleKey Key { get; init; }

    /// <summary>Removes the schedule and its visibility row.</summary>
    public bool Delete { get; init; }

    /// <summary>Removes its visibility row only.</summary>
    public bool Hide { get; init; }

    /// <summary>Null when it did not change.</summary>
    public byte[]? Definition { get; init; }

    public byte[] Progress { get; init; } = [];

    /// <summary>When it is next to be woken; null for not at all.</summary>
    public DateTimeOffset? WakeUpAt { get; init; }

    /// <summary>What list and count see of it, when it changed: it is listed like a run, under the names in it.</summary>
    public (ExecutionKey As, VisibilityRow Row)? Visibility { get; init; }
}
