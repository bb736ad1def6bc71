using Temporalio.Common;

namespace Temporalio.Worker;

/// <summary>How the replay of a history went.</summary>
/// <param name="History">The history.</param>
/// <param name="ReplayFailure">What went wrong; null if nothing did.</param>
public record WorkflowReplayResult(WorkflowHistory History, Exception? ReplayFailure);
