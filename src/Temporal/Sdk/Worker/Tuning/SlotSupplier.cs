namespace Temporalio.Worker.Tuning;

/// <summary>Decides how many tasks of one kind a worker takes on at once.</summary>
public abstract class SlotSupplier
{
    internal SlotSupplier()
    {
    }
}

/// <summary>A fixed number of slots.</summary>
public sealed class FixedSizeSlotSupplier : SlotSupplier
{
    /// <summary>Supplies a number of slots.</summary>
    /// <param name="slotCount">How many, at least 1.</param>
    public FixedSizeSlotSupplier(int slotCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slotCount);
        SlotCount = slotCount;
    }

    /// <summary>Gets the number of slots.</summary>
    public int SlotCount { get; }
}

/// <summary>Slots by a rule of one's own. All members may be called from any thread, at the same time.</summary>
public abstract class CustomSlotSupplier : SlotSupplier
{
    /// <summary>Waits for a slot. If it throws anything but the cancellation, the worker logs it and asks again.</summary>
    /// <param name="ctx">What the slot is for.</param>
    /// <param name="cancellationToken">Cancelled when the slot is not wanted any more.</param>
    /// <returns>The slot.</returns>
    public abstract Task<SlotPermit> ReserveSlotAsync(SlotReserveContext ctx, CancellationToken cancellationToken);

    /// <summary>Takes a slot if one is free, without waiting.</summary>
    /// <param name="ctx">What the slot is for.</param>
    /// <returns>The slot, or null.</returns>
    public abstract SlotPermit? TryReserveSlot(SlotReserveContext ctx);

    /// <summary>Told when a slot is used for a task.</summary>
    /// <param name="ctx">Which slot and what for.</param>
    public abstract void MarkSlotUsed(SlotMarkUsedContext ctx);

    /// <summary>Told when a slot is free again, used or not.</summary>
    /// <param name="ctx">Which slot.</param>
    public abstract void ReleaseSlot(SlotReleaseContext ctx);
}
