using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>An activity's timeouts as they apply: those that were left out follow from the others and from the run's. 0 is no limit.</summary>
internal readonly record struct ActivityTimeouts(TimeSpan ScheduleToClose, TimeSpan ScheduleToStart, TimeSpan StartToClose, TimeSpan Heartbeat)
{
    /// <exception cref="CommandFailedException">One is negative, or neither schedule-to-close nor start-to-close is set.</exception>
    public static ActivityTimeouts Normalize(ScheduleActivityTaskCommandAttributes attributes, TimeSpan run)
    {
        var scheduleToClose = Read(attributes.ScheduleToCloseTimeout, "ScheduleToCloseTimeout");
        var scheduleToStart = Read(attributes.ScheduleToStartTimeout, "ScheduleToStartTimeout");
        var startToClose = Read(attributes.StartToCloseTimeout, "StartToCloseTimeout");
        var heartbeat = Read(attributes.HeartbeatTimeout, "HeartbeatTimeout");
        if (scheduleToClose > TimeSpan.Zero)
        {
            scheduleToStart = scheduleToStart == TimeSpan.Zero ? scheduleToClose : Clock.Min(scheduleToStart, scheduleToClose);
            startToClose = startToClose == TimeSpan.Zero ? scheduleToClose : Clock.Min(startToClose, scheduleToClose);
        }
        else if (startToClose > TimeSpan.Zero)
        {
            scheduleToClose = run;
            scheduleToStart = scheduleToStart == TimeSpan.Zero ? run : scheduleToStart;
        }
        else
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.BadScheduleActivityAttributes,
                "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. "
                    + $"ActivityId={attributes.ActivityId} ActivityType={attributes.ActivityType?.Name}");
        }

        if (run > TimeSpan.Zero)
        {
            scheduleToClose = Clock.Min(scheduleToClose, run);
            scheduleToStart = Clock.Min(scheduleToStart, run);
            startToClose = Clock.Min(startToClose, run);
            heartbeat = Clock.Min(heartbeat, run);
        }

        return new ActivityTimeouts(scheduleToClose, scheduleToStart, startToClose, Clock.Min(heartbeat, startToClose));
    }

    private static TimeSpan Read(Duration? duration, string name)
    {
        return duration.Fault() is { } fault
            ? throw new CommandFailedException(WorkflowTaskFailedCause.BadScheduleActivityAttributes, $"invalid {name}: {fault}")
            : duration.ToSpan();
    }
}
