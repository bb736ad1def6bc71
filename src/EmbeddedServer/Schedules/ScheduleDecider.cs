using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Schedules.Specs;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>
/// What a schedule does whenever something has happened to it: its times up to now become actions in its buffer, the buffer is worked off under
/// the overlap policy, and the next wake-up is set. A function of the schedule and the clock.
/// </summary>
internal static class ScheduleDecider
{
    public static void Decide(ScheduleTransaction tx)
    {
        var left = ScheduleLimits.TimesPerDecision;
        var isCaughtUp = TakeTimes(tx, ref left) & TakeBackfills(tx, ref left);
        var isDrained = OverlapRules.WorkOff(tx);
        tx.WakeUpAt = isCaughtUp && isDrained ? NextWakeUp(tx) : tx.Now;
        if (tx.WakeUpAt is null && IdleSince(tx) is { } since)
        {
            tx.WakeUpAt = since.Plus(ScheduleLimits.IdleRetention);
            if (tx.WakeUpAt <= tx.Now)
            {
                tx.Delete();
            }
        }
    }

    /// <summary>Puts an action into the buffer, unless that is full.</summary>
    public static void Buffer(ScheduleTransaction tx, DateTimeOffset nominal, DateTimeOffset due, ScheduleOverlapPolicy policy, bool isManual)
    {
        if (tx.Progress.Buffer.Count >= ScheduleLimits.BufferedActions)
        {
            tx.Progress.BufferDropped++;
            return;
        }

        var number = ++tx.Progress.LastActionNumber;
        tx.Progress.Buffer.Add(new StoredAction
        {
            Number = number,
            NominalAt = nominal.ToTicks(),
            DueAt = due.ToTicks(),
            OverlapPolicy = (int)policy,
            IsManual = isManual,
            RequestId = ActionRequests.RequestIdOf(tx, nominal, number),
        });
    }

    /// <summary>Whether times are acted on at all. Those that come while they are not are gone.</summary>
    public static bool CanAct(ScheduleTransaction tx) =>
        !tx.Schedule.State.Paused && (!tx.Schedule.State.LimitedActions || tx.Schedule.State.RemainingActions > 0);

    /// <summary>Whether all times up to now have been dealt with.</summary>
    private static bool TakeTimes(ScheduleTransaction tx, ref int left)
    {
        if (!CanAct(tx))
        {
            tx.SkipTimes();
            return true;
        }

        var window = WindowOf(tx);
        foreach (var time in tx.Spec.After(tx.Progress.LastNominalAt.ToInstant()))
        {
            if (time.Due > tx.Now)
            {
                return true;
            }

            if (left-- <= 0)
            {
                return false;
            }

            tx.Progress.LastNominalAt = time.Nominal.ToTicks();
            if (tx.Now - time.Due > window)
            {
                tx.Progress.MissedCatchupWindow++;
            }
            else
            {
                Buffer(tx, time.Nominal, time.Due, ScheduleOverlapPolicy.Unspecified, isManual: false);
            }
        }

        return true;
    }

    /// <summary>Whether nothing is left to backfill for which there is room in the buffer; a full one waits.</summary>
    private static bool TakeBackfills(ScheduleTransaction tx, ref int left)
    {
        while (tx.Progress.Backfills is [var backfill, ..])
        {
            foreach (var time in tx.Spec.After(backfill.AfterNominalAt.ToInstant()).TakeWhile(time => time.Nominal.UtcTicks <= backfill.EndAt))
            {
                if (tx.Progress.Buffer.Count >= ScheduleLimits.BufferedActions / 2)
                {
                    return true;
                }

                if (left-- <= 0)
                {
                    return false;
                }

                backfill.AfterNominalAt = time.Nominal.ToTicks();
                Buffer(tx, time.Nominal, time.Due, (ScheduleOverlapPolicy)backfill.OverlapPolicy, isManual: true);
            }

            tx.Progress.Backfills.RemoveAt(0);
        }

        return true;
    }

    private static TimeSpan WindowOf(ScheduleTransaction tx)
    {
        var window = tx.Schedule.Policies.CatchupWindow;
        var span = window is null ? ScheduleLimits.CatchupWindowDefault : window.ToSpan();
        return span < ScheduleLimits.CatchupWindowMinimum ? ScheduleLimits.CatchupWindowMinimum : span;
    }

    private static DateTimeOffset? NextWakeUp(ScheduleTransaction tx) =>
        CanAct(tx) ? tx.Spec.NextAfter(tx.Progress.LastNominalAt.ToInstant())?.Due : null;

    /// <summary>When it did something last, if there is nothing that it will ever do by itself; a paused one waits to be unpaused.</summary>
    private static DateTimeOffset? IdleSince(ScheduleTransaction tx)
    {
        var progress = tx.Progress;
        var waits = tx.Schedule.State.Paused || progress.Buffer.Count > 0 || progress.Starting.Count > 0 || progress.Running.Count > 0
            || progress.Backfills.Count > 0;
        if (waits)
        {
            return null;
        }

        var last = Math.Max(tx.Definition.CreatedAt, progress.UpdatedAt);
        return (progress.Recent.Count > 0 ? Math.Max(last, progress.Recent[^1].TakenAt) : last).ToInstant();
    }
}
