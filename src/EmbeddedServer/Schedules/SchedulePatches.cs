using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Schedule.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>What people ask of a schedule besides changing it.</summary>
internal static class SchedulePatches
{
    public static void Apply(ScheduleTransaction tx, SchedulePatch patch)
    {
        if (patch.TriggerImmediately is { } trigger)
        {
            var nominal = trigger.ScheduledTime?.ToInstant() ?? tx.Now;
            ScheduleDecider.Buffer(tx, nominal, nominal, trigger.OverlapPolicy, isManual: true);
        }

        foreach (var backfill in patch.BackfillRequest)
        {
            // Both ends are included. One without an end, or with one that lies before its start, holds nothing.
            if (backfill.StartTime?.ToInstant() is not { } start || backfill.EndTime?.ToInstant() is not { } end || start > end)
            {
                continue;
            }

            if (tx.Progress.Backfills.Count >= ScheduleLimits.Backfills)
            {
                throw new RefusalException(
                    RefusalKind.ResourceExhausted,
                    $"{ScheduleLimits.Backfills} ranges of this schedule wait to be backfilled",
                    new ResourceExhaustedFailure { Cause = ResourceExhaustedCause.ConcurrentLimit, Scope = ResourceExhaustedScope.Namespace });
            }

            tx.Progress.Backfills.Add(new StoredBackfill
            {
                AfterNominalAt = Clock.Max(start, DateTimeOffset.UnixEpoch).AddTicks(-1).ToTicks(),
                EndAt = end.ToTicks(),
                OverlapPolicy = (int)backfill.OverlapPolicy,
            });
        }

        if (patch.Pause.Length > 0)
        {
            SetPaused(tx, true, patch.Pause);
        }

        if (patch.Unpause.Length > 0)
        {
            SetPaused(tx, false, patch.Unpause);
        }
    }

    /// <summary>What came due while it was paused is not made up for.</summary>
    private static void SetPaused(ScheduleTransaction tx, bool paused, string notes)
    {
        if (tx.Schedule.State.Paused)
        {
            tx.SkipTimes();
        }

        tx.Schedule.State.Paused = paused;
        tx.Schedule.State.Notes = notes;
        tx.CountChange();
    }
}
