using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>Input of <see cref="TemporalWorkerOptions.PatchActivationCallback" />.</summary>
/// <param name="WorkflowInfo">The run.</param>
/// <param name="PatchId">The patch it got to.</param>
public record PatchActivationInput(WorkflowInfo WorkflowInfo, string PatchId);
