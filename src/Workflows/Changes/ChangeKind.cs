using System.Text.Json.Serialization;

namespace Onramp.Workflows.Changes;

/// <summary>From which spec to which.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeKind>))]
public enum ChangeKind
{
    /// <summary>From nothing to an environment.</summary>
    [JsonStringEnumMemberName("onboard")] Onboard,

    /// <summary>From one spec to another.</summary>
    [JsonStringEnumMemberName("configure")] Configure,

    /// <summary>From the spec to the same spec, when what is there isn't that any more.</summary>
    [JsonStringEnumMemberName("repair")] Repair,

    /// <summary>First half of an offboarding: quiet, and still there.</summary>
    [JsonStringEnumMemberName("quiet")] Quiet,

    /// <summary>Back from quiet.</summary>
    [JsonStringEnumMemberName("restore")] Restore,

    /// <summary>Second half of an offboarding: to nothing.</summary>
    [JsonStringEnumMemberName("remove")] Remove,

    /// <summary>What no environment needs any more: the component's things after the last one is gone or was never made.</summary>
    [JsonStringEnumMemberName("clean")] Clean,
}

/// <summary>How far a change is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangePhase>))]
public enum ChangePhase
{
    [JsonStringEnumMemberName("planning")] Planning,
    [JsonStringEnumMemberName("awaitingApproval")] AwaitingApproval,

    /// <summary>Another change applies to the same scope.</summary>
    [JsonStringEnumMemberName("awaitingTurn")] AwaitingTurn,
    [JsonStringEnumMemberName("applying")] Applying,
    [JsonStringEnumMemberName("verifying")] Verifying,
    [JsonStringEnumMemberName("undoing")] Undoing,
    [JsonStringEnumMemberName("ended")] Ended,
}

/// <summary>How a change ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeOutcome>))]
public enum ChangeOutcome
{
    /// <summary>Under way.</summary>
    [JsonStringEnumMemberName("none")] None,
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>It couldn't be done; what was done is undone.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("denied")] Denied,
    [JsonStringEnumMemberName("rejected")] Rejected,
    [JsonStringEnumMemberName("expired")] Expired,
    [JsonStringEnumMemberName("cancelled")] Cancelled,

    /// <summary>A newer one of the same kind took its place.</summary>
    [JsonStringEnumMemberName("superseded")] Superseded,

    /// <summary>Its workflow was stopped from outside: what it did is as it is.</summary>
    [JsonStringEnumMemberName("interrupted")] Interrupted,
}

/// <summary>What is asked of a service; what is left out stays as it is.</summary>
public sealed record ChangeOrder
{
    public ChangeKind Kind { get; init; }

    /// <summary>Environment that it is about; null for what the environments share.</summary>
    public string? Environment { get; init; }

    public string? Team { get; init; }
    public string? Description { get; init; }
    public string? Visibility { get; init; }

    /// <summary>The team's labels of the environment, all of them; null leaves them.</summary>
    public SortedDictionary<string, string>? Labels { get; init; }

    /// <summary>Take over a repository that is there already. Default false: it is refused.</summary>
    public bool AdoptRepository { get; init; }
}
