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

        Require.WorkflowId(ScheduleNames.WorkflowIdOf(scheduleId));
    }

    /// <summary>The schedule in the form in which it is kept: complete, its times in their one form.</summary>
    public Schedule Normalize(NamespaceRef ns, Schedule? given)
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

        if (schedule.Policies.KeepOriginalWorkflowId)
        {
            throw Refusals.Unimplemented("schedules that keep the workflow id as it is are not supported");
        }

        Durations.Check(schedule.Policies.CatchupWindow, "CatchupWindow");
        schedule.Policies.CatchupWindow ??= ScheduleLimits.CatchupWindowDefault.ToProto();
        if (schedule.Action?.StartWorkflow is { } action)
        {
            CheckAction(ns, action);
        }

        return schedule;
    }

    public static void CheckPatch(SchedulePatch patch)
    {
        if (patch.BackfillRequest.Count > ScheduleLimits.Backfills)
        {
            throw Refusals.InvalidArgument($"a patch may have at most {ScheduleLimits.Backfills} backfill requests");
        }

        foreach (var backfill in patch.BackfillRequest)
        {
            if (backfill.StartTime is null || backfill.EndTime is null)
            {
                throw Refusals.InvalidArgument("backfill request needs a start time and an end time");
            }

            if (backfill.StartTime > backfill.EndTime)
            {
                throw Refusals.InvalidArgument("backfill start time is after its end time");
            }
        }
    }

    /// <summary>Those that say something, with their types; null when there are none.</summary>
    public SearchAttributes? Kept(NamespaceRef ns, SearchAttributes? attributes) =>
        attributes is { IndexedFields.Count: > 0 } ? SearchAttributeRules.ForStart(ns, attributes, services.SearchAttributes) : null;

    /// <summary>By the rules of the start that it leads to; what they complete in place stays completed, as in the reference.</summary>
    private void CheckAction(NamespaceRef ns, NewWorkflowExecutionInfo action)
    {
        if (action.CronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("Scheduled workflow must not contain CronSchedule");
        }

        if (action.WorkflowIdReusePolicy is not (WorkflowIdReusePolicy.Unspecified or WorkflowIdReusePolicy.AllowDuplicate))
        {
            throw Refusals.InvalidArgument("Scheduled workflow must not contain WorkflowIDReusePolicy");
        }

        var start = new StartWorkflowExecutionRequest
        {
            Namespace = ns.Name,
            WorkflowId = action.WorkflowId + LongestTime,
            WorkflowType = action.WorkflowType,
            TaskQueue = action.TaskQueue,
            Input = action.Input,
            WorkflowExecutionTimeout = action.WorkflowExecutionTimeout,
            WorkflowRunTimeout = action.WorkflowRunTimeout,
            WorkflowTaskTimeout = action.WorkflowTaskTimeout,
            RetryPolicy = action.RetryPolicy,
            Memo = action.Memo,
            Header = action.Header,
            UserMetadata = action.UserMetadata,
            VersioningOverride = action.VersioningOverride,
            Priority = action.Priority,
        };
        StartRules.Normalize(start, services);
        action.SearchAttributes = Kept(ns, action.SearchAttributes);
    }
}
