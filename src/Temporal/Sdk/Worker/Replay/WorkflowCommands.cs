using Temporalio.Api.Command.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>Something that workflow code wants. Sequence numbers are the workflow's own, by kind, from 1.</summary>
internal abstract record WorkflowCommand;

/// <summary>Start a timer.</summary>
internal sealed record StartTimer(long Sequence, TimeSpan Duration, UserMetadata? Metadata) : WorkflowCommand;

/// <summary>Cancel a timer that has not fired.</summary>
internal sealed record CancelTimer(long Sequence) : WorkflowCommand;

/// <summary>Schedule an activity.</summary>
internal sealed record ScheduleActivity(
    long Sequence, ScheduleActivityTaskCommandAttributes Attributes, ActivityCancellationType CancellationType, UserMetadata? Metadata)
    : WorkflowCommand;

/// <summary>Cancel an activity that has not ended.</summary>
internal sealed record RequestCancelActivity(long Sequence) : WorkflowCommand;

/// <summary>Record that a patch is taken.</summary>
internal sealed record SetPatchMarker(string PatchId, bool Deprecated) : WorkflowCommand;

/// <summary>Change search attributes.</summary>
internal sealed record UpsertSearchAttributes(UpsertWorkflowSearchAttributesCommandAttributes Attributes) : WorkflowCommand;

/// <summary>Change the memo.</summary>
internal sealed record ModifyProperties(ModifyWorkflowPropertiesCommandAttributes Attributes) : WorkflowCommand;

/// <summary>End the run. Only the first one counts, and it comes after everything else.</summary>
internal abstract record EndWorkflow : WorkflowCommand;

/// <summary>End the run with a result.</summary>
internal sealed record CompleteWorkflow(CompleteWorkflowExecutionCommandAttributes Attributes) : EndWorkflow;

/// <summary>End the run as failed.</summary>
internal sealed record FailWorkflow(FailWorkflowExecutionCommandAttributes Attributes) : EndWorkflow;

/// <summary>End the run as cancelled.</summary>
internal sealed record CancelWorkflow(CancelWorkflowExecutionCommandAttributes Attributes) : EndWorkflow;
