namespace Temporalio.Worker.Tuning;

/// <summary>The slot suppliers of a worker, one for each kind of slot.</summary>
public class WorkerTuner
{
    /// <summary>Uses the given suppliers.</summary>
    /// <param name="workflowTaskSlotSupplier">For workflow tasks.</param>
    /// <param name="activityTaskSlotSupplier">For activity tasks.</param>
    /// <param name="localActivitySlotSupplier">For local activities.</param>
    /// <param name="nexusTaskSlotSupplier">For Nexus tasks.</param>
    public WorkerTuner(
        SlotSupplier workflowTaskSlotSupplier,
        SlotSupplier activityTaskSlotSupplier,
        SlotSupplier localActivitySlotSupplier,
        SlotSupplier nexusTaskSlotSupplier)
    {
        WorkflowTaskSlotSupplier = workflowTaskSlotSupplier;
        ActivityTaskSlotSupplier = activityTaskSlotSupplier;
        LocalActivitySlotSupplier = localActivitySlotSupplier;
        NexusTaskSlotSupplier = nexusTaskSlotSupplier;
    }

    /// <summary>Gets the supplier for workflow tasks.</summary>
    public SlotSupplier WorkflowTaskSlotSupplier { get; init; }

    /// <summary>Gets the supplier for activity tasks.</summary>
    public SlotSupplier ActivityTaskSlotSupplier { get; init; }

    /// <summary>Gets the supplier for local activities.</summary>
    public SlotSupplier LocalActivitySlotSupplier { get; init; }

    /// <summary>Gets the supplier for Nexus tasks.</summary>
    public SlotSupplier NexusTaskSlotSupplier { get; init; }

    /// <summary>Uses fixed numbers of slots.</summary>
    /// <param name="workflowTaskSlots">For workflow tasks.</param>
    /// <param name="activityTaskSlots">For activity tasks.</param>
    /// <param name="localActivitySlots">For local activities.</param>
    /// <param name="nexusTaskSlots">For Nexus tasks.</param>
    /// <returns>The tuner.</returns>
    public static WorkerTuner CreateFixedSize(
        int workflowTaskSlots, int activityTaskSlots, int localActivitySlots, int nexusTaskSlots = 100) =>
        new(
            new FixedSizeSlotSupplier(workflowTaskSlots),
            new FixedSizeSlotSupplier(activityTaskSlots),
            new FixedSizeSlotSupplier(localActivitySlots),
            new FixedSizeSlotSupplier(nexusTaskSlots));
}
