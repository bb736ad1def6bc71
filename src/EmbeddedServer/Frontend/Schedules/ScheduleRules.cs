using System.Text;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Schedules.Specs;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Schedules;

/// <summary>What schedules may say, and what stands for what they leave open.</summary>
internal sealed class ScheduleRules(FrontendServices services)
{
    /// <summary>As long as what an action's workflow id gets at its end.</summary>
    private const string LongestTime = "-2000-01-01T00:00:00Z";

    public static void CheckId(string scheduleId)
    {
        if (scheduleId.Length == 0)
        {
            throw Refusals.InvalidArgument("Can't load workflow execution.  WorkflowId not set.");
        }
    }

    /// <summary>Only who makes a schedule is told that its id is too long: for all others there is none of that id.</summary>
    public static void CheckLength(string scheduleId) => Require.WorkflowId(ScheduleNames.WorkflowIdOf(scheduleId));

    /// <summary>The schedule in the form in which it is kept: complete, its times in their one form.</summary>
    public static Schedule Complete(Schedule? given)
    {
        var schedule = given?.Clone() ?? new Schedule();
        schedule.Policies ??= new SchedulePolicies();
        schedule.State ??= new ScheduleState();
        try
        {
            schedule.Spec = SpecCanon.Of(schedule.Spec ?? new ScheduleSpec());
        }
        catch (InvalidSpecException invalid)
        {
            throw Refusals.InvalidArgument($"Invalid schedule spec: {invalid.Message}");
        }

        if (schedule.Policies.OverlapPolicy == ScheduleOverlapPolicy.Unspecified)
        {
            schedule.Policies.OverlapPolicy = ScheduleOverlapPolicy.Skip;
        }

        if (schedule.Policies.CatchupWindow is null)
        {
            schedule.Policies.CatchupWindow = ScheduleLimits.CatchupWindowDefault.ToProto();
        }
        else if (schedule.Policies.CatchupWindow.ToSpan() < ScheduleLimits.CatchupWindowMinimum)
        {
            schedule.Policies.CatchupWindow = ScheduleLimits.CatchupWindowMinimum.ToProto();
        }

        if (schedule.Policies.CatchupWindow.Seconds >= ScheduleLimits.LongestCatchupWindow.Seconds)
        {
            schedule.Policies.CatchupWindow = ScheduleLimits.LongestCatchupWindow.Clone();
        }

        return schedule;
    }

    public static void CheckNotes(SchedulePatch patch)
    {
        if (Encoding.UTF8.GetByteCount(patch.Pause) > ScheduleLimits.NotesBytes || Encoding.UTF8.GetByteCount(patch.Unpause) > ScheduleLimits.NotesBytes)
        {
            throw Refusals.InvalidArgument("Schedule notes exceeds limit.");
        }
    }

    public static void CheckPatch(SchedulePatch patch)
    {
        if (patch.BackfillRequest.Count > ScheduleLimits.Backfills)
        {
            throw Refusals.InvalidArgument($"a patch may have at most {ScheduleLimits.Backfills} backfill requests");
        }

        foreach (var backfill in patch.BackfillRequest)
        {
            if (backfill.StartTime is null && backfill.EndTime is not null)
            {
                throw Refusals.InvalidArgument("a backfill request with an end needs a start");
            }
        }
    }

    /// <summary>Those that say something, with their types; null when there are none.</summary>
    public SearchAttributes? Kept(NamespaceRef ns, SearchAttributes? attributes) =>
        attributes is { IndexedFields.Count: > 0 } ? SearchAttributeRules.ForStart(ns, attributes, services.SearchAttributes) : null;

    /// <summary>By some of the rules of the start that it leads to; in the reference's order. There may be none.</summary>
    public void CheckAction(NamespaceRef ns, NewWorkflowExecutionInfo? action)
    {
        if (action is null)
        {
            return;
        }

        Require.WorkflowId(action.WorkflowId + LongestTime);
        StartRules.CheckType(action.WorkflowType);
        TaskQueueRules.NormalizeUsers(action.TaskQueue);
        StartRules.CheckTimeouts(action.WorkflowExecutionTimeout, action.WorkflowRunTimeout, action.WorkflowTaskTimeout);
        if (action.CronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("Scheduled workflow must not contain CronSchedule");
        }

        if (action.WorkflowIdReusePolicy is not (WorkflowIdReusePolicy.Unspecified or WorkflowIdReusePolicy.AllowDuplicate))
        {
            throw Refusals.InvalidArgument("Scheduled workflow must not contain WorkflowIDReusePolicy");
        }

        if (action.VersioningOverride is not null)
        {
            throw Refusals.Unimplemented("versioning overrides are not supported");
        }

        action.SearchAttributes = Kept(ns, action.SearchAttributes);
    }
}
