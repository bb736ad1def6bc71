using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>Events of a run, and where to go on.</summary>
/// <param name="NextEventId">One past the last event of the run when this was read.</param>
public sealed record HistorySlice(ExecutionKey Key, IReadOnlyList<HistoryEvent> Events, long NextEventId, WorkflowExecutionStatus Status)
{
    /// <summary>What a workflow task that is under way will add once it is completed; it follows on the run's last event. Mostly empty.</summary>
    public IReadOnlyList<HistoryEvent> Unwritten { get; init; } = [];

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;
}
