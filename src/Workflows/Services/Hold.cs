namespace Onramp.Workflows.Services;

/// <summary>
/// Somebody holds all applying: changes plan and are decided on, but none begins an action, forwards or backwards, until it is released. What is under
/// way is finished.
/// </summary>
public sealed record Hold
{
    public Principal By { get; init; } = Principal.AtTemporal;
    public DateTimeOffset At { get; init; }
    public string Reason { get; init; } = "";

    /// <summary>Null while it holds.</summary>
    public Principal? ReleasedBy { get; init; }
}

/// <summary>What a look for a hold came to; null: nobody holds anything.</summary>
public sealed record HoldSeen(Hold? Hold);

/// <summary>Names on the wire of a hold.</summary>
public static class HoldContract
{
    public const string WorkflowType = "HoldWorkflow";

    /// <summary>There is one at a time, and it holds while this workflow runs.</summary>
    public const string WorkflowId = "hold:applying";

    /// <summary>Signal with <see cref="Principal"/>.</summary>
    public const string ReleaseSignal = "release";

    /// <summary>Memo field with <see cref="Hold"/>: given at the start, so that it holds and is seen without a worker.</summary>
    public const string HoldMemo = "hold";
}
