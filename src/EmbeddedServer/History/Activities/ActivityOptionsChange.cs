using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.Commands;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>New options for pending activities: those fields of <paramref name="options"/> that the mask names. Unknown names are ignored.</summary>
internal sealed class ActivityOptionsChange(ActivityOptions options, FieldMask mask)
{
    private const int MaximumQueueBytes = 1_000;

    private readonly HashSet<string> fields = [.. mask.Paths.Select(path => path.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant())];

    /// <summary>The options that an activity has now.</summary>
    public static ActivityOptions Of(ActivityState activity) => new()
    {
        TaskQueue = new TaskQueue { Name = activity.Queue, Kind = TaskQueueKind.Normal },
        ScheduleToCloseTimeout = activity.ScheduleToCloseTimeout.ToProto(),
        ScheduleToStartTimeout = activity.ScheduleToStartTimeout.ToProto(),
        StartToCloseTimeout = activity.StartToCloseTimeout.ToProto(),
        HeartbeatTimeout = activity.HeartbeatTimeout.ToProto(),
        RetryPolicy = activity.RetryPolicy.Clone(),
        Priority = activity.Priority?.Clone(),
    };

    /// <summary>The options that the workflow gave it.</summary>
    public static ActivityOptions Original(ActivityTaskScheduledEventAttributes scheduled) => new()
    {
        TaskQueue = scheduled.TaskQueue.Clone(),
        ScheduleToCloseTimeout = scheduled.ScheduleToCloseTimeout,
        ScheduleToStartTimeout = scheduled.ScheduleToStartTimeout,
        StartToCloseTimeout = scheduled.StartToCloseTimeout,
        HeartbeatTimeout = scheduled.HeartbeatTimeout,
        RetryPolicy = scheduled.RetryPolicy.Clone(),
        Priority = scheduled.Priority?.Clone(),
    };

    /// <summary>As callers are shown it: which errors are never retried is not said.</summary>
    public static RetryPolicy WithoutErrorTypes(RetryPolicy policy)
    {
        var shown = policy.Clone();
        shown.NonRetryableErrorTypes.Clear();
        return shown;
    }

    public static void Apply(ActivityState activity, ActivityOptions options)
    {
        activity.Queue = options.TaskQueue.Name;
        activity.ScheduleToCloseTimeout = options.ScheduleToCloseTimeout.ToSpan();
        activity.ScheduleToStartTimeout = options.ScheduleToStartTimeout.ToSpan();
        activity.StartToCloseTimeout = options.StartToCloseTimeout.ToSpan();
        activity.HeartbeatTimeout = options.HeartbeatTimeout.ToSpan();
        activity.RetryPolicy = options.RetryPolicy;
        activity.Priority = options.Priority;
    }

    /// <summary>An activity's options with the change made, and those timeouts filled in that follow from others.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT: they don't go together.</exception>
    public ActivityOptions MergedInto(ActivityState activity)
    {
        var merged = Of(activity);
        MergeQueue(merged);
        MergePriority(merged);
        MergeRetryPolicy(merged);
        if (System.Text.Encoding.UTF8.GetByteCount(merged.TaskQueue.Name) > MaximumQueueBytes)
        {
            throw Errors.InvalidArgument("taskQueue length exceeds limit");
        }

        if (merged.TaskQueue.Name.Length == 0)
        {
            throw Errors.InvalidArgument("missing task queue name");
        }

        if (merged.TaskQueue.Name.StartsWith("/_sys/", StringComparison.Ordinal))
        {
            throw Errors.InvalidArgument("task queue name cannot start with reserved prefix /_sys/");
        }

        MergeTimeouts(merged, activity);
        return merged;
    }

    /// <summary>The policy as whoever made this change is shown it.</summary>
    public RetryPolicy Shown(RetryPolicy policy)
    {
        var shown = WithoutErrorTypes(policy);
        if (Names("retryPolicy"))
        {
            // What was asked for is told, though it is not taken.
            shown.NonRetryableErrorTypes.Add(options.RetryPolicy.NonRetryableErrorTypes);
        }

        return shown;
    }

    private void MergeQueue(ActivityOptions merged)
    {
        if (Names("taskQueue.name"))
        {
            merged.TaskQueue.Name = (options.TaskQueue ?? throw Errors.InvalidArgument("TaskQueue is not provided")).Name;
        }
    }

    private void MergeTimeouts(ActivityOptions merged, ActivityState activity)
    {
        Duration? Pick(string name, Duration? changed, Duration? current) => Names(name) ? changed : current;
        try
        {
            var timeouts = ActivityTimeouts.Normalize(
                new ScheduleActivityTaskCommandAttributes
                {
                    ActivityId = activity.ActivityId,
                    ActivityType = new ActivityType { Name = activity.Type },
                    ScheduleToCloseTimeout = Pick("scheduleToCloseTimeout", options.ScheduleToCloseTimeout, merged.ScheduleToCloseTimeout),
                    ScheduleToStartTimeout = Pick("scheduleToStartTimeout", options.ScheduleToStartTimeout, merged.ScheduleToStartTimeout),
                    StartToCloseTimeout = Pick("startToCloseTimeout", options.StartToCloseTimeout, merged.StartToCloseTimeout),
                    HeartbeatTimeout = Pick("heartbeatTimeout", options.HeartbeatTimeout, merged.HeartbeatTimeout),
                },
                run: TimeSpan.Zero);
            merged.ScheduleToCloseTimeout = timeouts.ScheduleToClose.ToProto();
            merged.ScheduleToStartTimeout = timeouts.ScheduleToStart.ToProto();
            merged.StartToCloseTimeout = timeouts.StartToClose.ToProto();
            merged.HeartbeatTimeout = timeouts.Heartbeat.ToProto();
        }
        catch (CommandFailedException e)
        {
            throw Errors.InvalidArgument(e.Message);
        }
    }

    private void MergePriority(ActivityOptions merged)
    {
        if (Names("priority"))
        {
            merged.Priority = options.Priority?.Clone();
        }

        if (!NamesPartOf("priority"))
        {
            return;
        }

        var changed = options.Priority ?? throw Errors.InvalidArgument("Priority is not provided");
        merged.Priority ??= new Priority();
        merged.Priority.PriorityKey = Names("priority.priorityKey") ? changed.PriorityKey : merged.Priority.PriorityKey;
        merged.Priority.FairnessKey = Names("priority.fairnessKey") ? changed.FairnessKey : merged.Priority.FairnessKey;
        merged.Priority.FairnessWeight = Names("priority.fairnessWeight") ? changed.FairnessWeight : merged.Priority.FairnessWeight;
    }

    private void MergeRetryPolicy(ActivityOptions merged)
    {
        var whole = Names("retryPolicy");
        if (!whole && !NamesPartOf("retryPolicy"))
        {
            return;
        }

        // Which errors are never retried is the workflow's to say: that can't be changed. A whole policy is taken as it is, also one that says nothing.
        var changed = options.RetryPolicy ?? throw Errors.InvalidArgument("RetryPolicy is not provided");
        var policy = merged.RetryPolicy;
        policy.InitialInterval = whole || Names("retryPolicy.initialInterval") ? changed.InitialInterval : policy.InitialInterval;
        policy.BackoffCoefficient = whole || Names("retryPolicy.backoffCoefficient") ? changed.BackoffCoefficient : policy.BackoffCoefficient;
        policy.MaximumInterval = whole || Names("retryPolicy.maximumInterval") ? changed.MaximumInterval : policy.MaximumInterval;
        policy.MaximumAttempts = whole || Names("retryPolicy.maximumAttempts") ? changed.MaximumAttempts : policy.MaximumAttempts;
        if (NamesPartOf("retryPolicy") && RetryRules.Validate(policy) is { } wrong)
        {
            throw Errors.InvalidArgument(wrong);
        }
    }

    private bool Names(string field) => fields.Contains(field.ToUpperInvariant());

    private bool NamesPartOf(string message) => fields.Any(field => field.StartsWith(message.ToUpperInvariant() + ".", StringComparison.Ordinal));
}
