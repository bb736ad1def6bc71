namespace Temporalio.Common;

/// <summary>Which of the waiting tasks of a queue go first.</summary>
/// <remarks>Whatever is not set is inherited from the workflow that schedules the task.</remarks>
public sealed record Priority
{
    /// <summary>Makes one.</summary>
    /// <param name="priorityKey">1 to 5 by default; lower goes first; null is the middle.</param>
    /// <param name="fairnessKey">Tasks of the same key share one place in line; at most 64 bytes.</param>
    /// <param name="fairnessWeight">Share of the key among the others, 0.001 to 1000.</param>
    public Priority(int? priorityKey = null, string? fairnessKey = null, float? fairnessWeight = null)
    {
        PriorityKey = priorityKey;
        FairnessKey = fairnessKey;
        FairnessWeight = fairnessWeight;
    }

    internal Priority(Api.Common.V1.Priority proto)
        : this(
            proto.PriorityKey == 0 ? null : proto.PriorityKey,
            proto.FairnessKey.Length == 0 ? null : proto.FairnessKey,
            proto.FairnessWeight == 0 ? null : proto.FairnessWeight)
    {
    }

    /// <summary>Nothing set.</summary>
    public static Priority Default { get; } = new();

    /// <summary>1 to 5 by default; lower goes first.</summary>
    public int? PriorityKey { get; init; }

    /// <summary>Tasks of the same key share one place in line.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>Share of the key among the others.</summary>
    public float? FairnessWeight { get; init; }

    internal Api.Common.V1.Priority ToProto() => new()
    {
        PriorityKey = PriorityKey ?? 0,
        FairnessKey = FairnessKey ?? string.Empty,
        FairnessWeight = FairnessWeight ?? 0,
    };
}
