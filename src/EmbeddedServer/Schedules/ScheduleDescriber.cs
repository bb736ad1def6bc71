using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>A schedule as clients see it: by itself, and in a list.</summary>
internal static class ScheduleDescriber
{
    public static DescribeScheduleResponse Describe(ScheduleTransaction tx, ByteString token) => new()
    {
        Schedule = tx.Schedule,
        Info = InfoOf(tx),
        Memo = Memo.Parser.Read(tx.Definition.Memo),
        SearchAttributes = SearchAttributes.Parser.Read(tx.Definition.SearchAttributes),
        ConflictToken = token,
    };

    public static ScheduleListEntry Entry(ScheduleTransaction tx) => new()
    {
        ScheduleId = tx.Key.ScheduleId,
        Memo = Memo.Parser.Read(tx.Definition.Memo),
        SearchAttributes = SearchAttributes.Parser.Read(tx.Definition.SearchAttributes),
        Info = new ScheduleListInfo
        {
            Spec = Shortened(tx.Schedule.Spec),
            WorkflowType = tx.Schedule.Action?.StartWorkflow?.WorkflowType,
            Notes = tx.Schedule.State.Notes,
            Paused = tx.Schedule.State.Paused,
            RecentActions = { tx.Progress.Recent.TakeLast(ScheduleLimits.ListedTimes).Select(ResultOf) },
            FutureActionTimes = { FutureTimes(tx, ScheduleLimits.ListedTimes) },
        },
    };

    /// <summary>Lists show the first few of each kind of time.</summary>
    private static ScheduleSpec Shortened(ScheduleSpec spec)
    {
        var shown = spec.Clone();
        Shorten(shown.StructuredCalendar);
        Shorten(shown.ExcludeStructuredCalendar);
        Shorten(shown.Interval);
        return shown;
    }

    private static void Shorten<T>(RepeatedField<T> items)
    {
        while (items.Count > ScheduleLimits.ListedSpecs)
        {
            items.RemoveAt(items.Count - 1);
        }
    }

    private static ScheduleInfo InfoOf(ScheduleTransaction tx)
    {
        var progress = tx.Progress;
        return new ScheduleInfo
        {
            ActionCount = progress.ActionCount,
            MissedCatchupWindow = progress.MissedCatchupWindow,
            OverlapSkipped = progress.OverlapSkipped,
            BufferDropped = progress.BufferDropped,
            BufferSize = progress.Buffer.Count,
            RunningWorkflows = { progress.Running.Select(one => new WorkflowExecution { WorkflowId = one.WorkflowId, RunId = one.FirstRunId }) },
            RecentActions = { progress.Recent.Select(ResultOf) },
            FutureActionTimes = { FutureTimes(tx, ScheduleLimits.FutureTimes) },
            CreateTime = tx.Definition.CreatedAt.ToInstant().ToProto(),
            UpdateTime = progress.UpdatedAt.ToOptionalInstant().ToProto(),
        };
    }

    /// <summary>Also of one that is paused: when it would act.</summary>
    private static IEnumerable<Timestamp> FutureTimes(ScheduleTransaction tx, int atMost)
    {
        var state = tx.Schedule.State;
        var count = state.LimitedActions ? (int)Math.Min(atMost, state.RemainingActions) : atMost;
        var since = Math.Max(tx.Progress.LastNominalAt, tx.Schedule.State.Paused ? tx.Now.ToTicks() : 0).ToInstant();
        return tx.Spec.After(since).Where(time => time.Due > tx.Now).Take(count).Select(time => time.Due.ToProto());
    }

    private static ScheduleActionResult ResultOf(StoredRecentAction action) => new()
    {
        ScheduleTime = action.DueAt.ToInstant().ToProto(),
        ActualTime = action.TakenAt.ToInstant().ToProto(),
        StartWorkflowResult = new WorkflowExecution { WorkflowId = action.WorkflowId, RunId = action.RunId },
        StartWorkflowStatus = (WorkflowExecutionStatus)action.Status,
    };
}
