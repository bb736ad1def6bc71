using Microsoft.Extensions.Logging;

namespace Temporalio.Worker.Tuning;

/// <summary>
/// Slots of one kind, from a supplier. A permit is acquired before polling; it is released exactly once, whether a task came or not.
/// </summary>
internal abstract class SlotPool
{
    public static SlotPool Create(SlotSupplier supplier, SlotReserveContext context, ILogger logger) => supplier switch
    {
        FixedSizeSlotSupplier fixedSize => new FixedSizeSlotPool(fixedSize.SlotCount),
        CustomSlotSupplier custom => new CustomSlotPool(custom, context, logger),
        _ => throw new ArgumentException($"Unknown slot supplier {supplier.GetType()}", nameof(supplier)),
    };

    /// <summary>Waits for a slot.</summary>
    /// <param name="isSticky">Whether it is for a poll of the sticky queue.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; no slot is taken.</exception>
    public abstract ValueTask<SlotPermit> AcquireAsync(bool isSticky, CancellationToken cancellationToken);

    /// <summary>Takes a slot if one is free.</summary>
    public abstract SlotPermit? TryAcquire();

    /// <summary>Tells that a slot is used.</summary>
    public abstract void MarkUsed(SlotPermit permit, SlotInfo info);

    /// <summary>Gives a slot back.</summary>
    public abstract void Release(SlotPermit permit, SlotInfo? info = null);

    private sealed class FixedSizeSlotPool(int count) : SlotPool
    {
        private static readonly SlotPermit Permit = new();
        private readonly SemaphoreSlim free = new(count, count);

        public override async ValueTask<SlotPermit> AcquireAsync(bool isSticky, CancellationToken cancellationToken)
        {
            await free.WaitAsync(cancellationToken).ConfigureAwait(false);
            return Permit;
        }

        public override SlotPermit? TryAcquire() => free.Wait(0, CancellationToken.None) ? Permit : null;

        public override void MarkUsed(SlotPermit permit, SlotInfo info)
        {
        }

        public override void Release(SlotPermit permit, SlotInfo? info = null) => free.Release();
    }

    private sealed class CustomSlotPool(CustomSlotSupplier supplier, SlotReserveContext context, ILogger logger) : SlotPool
    {
        private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

        public override async ValueTask<SlotPermit> AcquireAsync(bool isSticky, CancellationToken cancellationToken)
        {
            while (true)
            {
                try
                {
                    return await supplier.ReserveSlotAsync(context with { IsSticky = isSticky }, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    logger.LogError(e, "Slot supplier failed to reserve a slot, asking again");
                    await Task.Delay(PauseAfterFailure, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        public override SlotPermit? TryAcquire() => Guard(() => supplier.TryReserveSlot(context));

        public override void MarkUsed(SlotPermit permit, SlotInfo info) => Guard<object>(() =>
        {
            supplier.MarkSlotUsed(new(info, permit));
            return null;
        });

        public override void Release(SlotPermit permit, SlotInfo? info = null) => Guard<object>(() =>
        {
            supplier.ReleaseSlot(new(info, permit));
            return null;
        });

        /// <summary>A supplier that throws must not take the worker down.</summary>
        private T? Guard<T>(Func<T?> call)
            where T : class
        {
            try
            {
                return call();
            }
            catch (Exception e)
            {
                logger.LogError(e, "Slot supplier failed");
                return null;
            }
        }
    }
}
