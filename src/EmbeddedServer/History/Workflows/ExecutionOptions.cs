using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>What can be changed of a run while it is open: its priority. Everything else that the call carries is refused by name.</summary>
internal static class ExecutionOptions
{
    private const string PriorityField = "priority";

    /// <exception cref="RefusalException">INVALID_ARGUMENT or UNIMPLEMENTED: the mask names what isn't there, or what this server doesn't have.</exception>
    public static void Check(WorkflowExecutionOptions? options, FieldMask? mask)
    {
        if (mask is null)
        {
            throw Errors.InvalidArgument("UpdateMask is required");
        }

        if (options is null)
        {
            throw Errors.InvalidArgument("WorkflowExecutionOptions is required");
        }

        if (mask.Paths.FirstOrDefault(path => !FieldMask.IsValid<WorkflowExecutionOptions>(path)) is { } unknown)
        {
            throw Errors.InvalidArgument($"error parsing UpdateMask: {GoProtobuf.ErrorPrefix}invalid path \"{unknown}\" for message \"{WorkflowExecutionOptions.Descriptor.FullName}\"");
        }

        PriorityRules.Check(options.Priority);
        CheckSupported(options);
    }

    /// <exception cref="RefusalException">UNIMPLEMENTED.</exception>
    public static void CheckSupported(WorkflowExecutionOptions options)
    {
        if (options.TimeSkippingConfig is not null)
        {
            throw Errors.Unimplemented("The Time-Skipping feature is not enabled for namespace.");
        }

        if (options.VersioningOverride is not null)
        {
            throw Errors.Unimplemented("versioning overrides are not supported");
        }
    }

    /// <summary>Makes the change, and records it if it is one.</summary>
    /// <returns>The options as they were asked to be. A priority that is taken away stays what it was.</returns>
    public static WorkflowExecutionOptions Apply(ExecutionTransaction tx, WorkflowExecutionOptions options, FieldMask mask, string identity)
    {
        var merged = Merge(tx.State.Priority, options.Priority, mask);
        if (Equals(merged, tx.State.Priority))
        {
            return new WorkflowExecutionOptions { Priority = merged };
        }

        var updated = tx.NewEvent(EventType.WorkflowExecutionOptionsUpdated);
        updated.WorkerMayIgnore = true;
        updated.WorkflowExecutionOptionsUpdatedEventAttributes = new WorkflowExecutionOptionsUpdatedEventAttributes
        {
            Priority = merged,
            UnsetVersioningOverride = true,
            Identity = identity,
        };
        tx.BufferEvent(updated);
        tx.State.Priority = merged ?? tx.State.Priority;
        return new WorkflowExecutionOptions { Priority = merged };
    }

    private static Priority? Merge(Priority? current, Priority? wanted, FieldMask mask)
    {
        var merged = (mask.Paths.Contains(PriorityField) ? wanted : current)?.Clone();
        foreach (var path in mask.Paths.Where(path => path.StartsWith(PriorityField + ".", StringComparison.Ordinal)))
        {
            merged ??= new Priority();
            switch (path)
            {
                case "priority.priority_key":
                    merged.PriorityKey = wanted?.PriorityKey ?? 0;
                    break;
                case "priority.fairness_key":
                    merged.FairnessKey = wanted?.FairnessKey ?? "";
                    break;
                case "priority.fairness_weight":
                    merged.FairnessWeight = wanted?.FairnessWeight ?? 0;
                    break;
            }
        }

        return merged;
    }
}
