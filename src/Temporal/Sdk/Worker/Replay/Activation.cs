using Temporalio.Common;

namespace Temporalio.Worker.Replay;

/// <summary>One step of workflow code: what is new, and in which circumstances.</summary>
internal sealed class Activation
{
    /// <summary>Gets what happened, in the order in which it is applied.</summary>
    public required IReadOnlyList<Job> Jobs { get; init; }

    /// <summary>Gets the workflow's clock.</summary>
    public required DateTime Timestamp { get; init; }

    /// <summary>Gets a value indicating whether this step was made before.</summary>
    public required bool IsReplaying { get; init; }

    /// <summary>Gets the id of the last event applied.</summary>
    public required int HistoryLength { get; init; }

    /// <summary>Gets the size of the history in bytes, as the server told it.</summary>
    public int HistorySizeBytes { get; init; }

    /// <summary>Gets a value indicating whether the server suggests to continue as new.</summary>
    public bool ContinueAsNewSuggested { get; init; }

    /// <summary>Gets the reasons for that.</summary>
    public IReadOnlyCollection<Api.Enums.V1.SuggestContinueAsNewReason> SuggestedReasons { get; init; } = [];

    /// <summary>Gets a value indicating whether the run's target deployment version has changed.</summary>
    public bool TargetDeploymentVersionChanged { get; init; }

    /// <summary>Gets the deployment version of the worker that made this step; its build id alone if it has no deployment.</summary>
    public WorkerDeploymentVersion? DeploymentVersion { get; init; }

    /// <summary>Gets a value indicating whether this step only answers queries.</summary>
    public bool IsQueryOnly => Jobs.Count > 0 && Jobs[0] is QueryJob;

    /// <summary>Makes the same step with other jobs.</summary>
    public Activation With(IReadOnlyList<Job> jobs) => new()
    {
        Jobs = jobs,
        Timestamp = Timestamp,
        IsReplaying = IsReplaying,
        HistoryLength = HistoryLength,
        HistorySizeBytes = HistorySizeBytes,
        ContinueAsNewSuggested = ContinueAsNewSuggested,
        SuggestedReasons = SuggestedReasons,
        TargetDeploymentVersionChanged = TargetDeploymentVersionChanged,
        DeploymentVersion = DeploymentVersion,
    };
}
