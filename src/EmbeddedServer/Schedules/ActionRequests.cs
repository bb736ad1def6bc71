using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>From an action to the request that starts its workflow.</summary>
internal static class ActionRequests
{
    private const string StartTime = "TemporalScheduledStartTime";
    private const string ScheduledById = "TemporalScheduledById";

    /// <summary>The workflow's id: that of the schedule's action, and the nominal time.</summary>
    public static string WorkflowIdOf(NewWorkflowExecutionInfo action, DateTimeOffset nominal) => $"{action.WorkflowId}-{TimeText(nominal)}";

    /// <summary>How the schedule calls itself where it acts.</summary>
    public static string IdentityOf(ScheduleTransaction tx) => $"temporal-scheduler-{tx.Definition.NamespaceName}-{tx.Key.ScheduleId}";

    /// <summary>The same for the same action of the same schedule, however often it is worked out.</summary>
    public static string RequestIdOf(ScheduleTransaction tx, DateTimeOffset nominal, long number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{tx.Definition.RunId}/{nominal.UtcTicks}/{number}");
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16), bigEndian: true).ToString("D");
    }

    public static StartWorkflowExecutionRequest Of(ScheduleTransaction tx, StoredAction action)
    {
        var wanted = tx.Schedule.Action.StartWorkflow;
        var nominal = action.NominalAt.ToInstant();
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = tx.Definition.NamespaceName,
            WorkflowId = action.WorkflowId,
            WorkflowType = wanted.WorkflowType,
            TaskQueue = wanted.TaskQueue,
            Input = wanted.Input,
            WorkflowExecutionTimeout = wanted.WorkflowExecutionTimeout,
            WorkflowRunTimeout = wanted.WorkflowRunTimeout,
            WorkflowTaskTimeout = wanted.WorkflowTaskTimeout,
            Identity = IdentityOf(tx),
            RequestId = action.RequestId,
            WorkflowIdReusePolicy = action.IsManual ? WorkflowIdReusePolicy.AllowDuplicate : WorkflowIdReusePolicy.RejectDuplicate,
            WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.Fail,
            RetryPolicy = wanted.RetryPolicy,
            Memo = wanted.Memo,
            SearchAttributes = wanted.SearchAttributes?.Clone() ?? new SearchAttributes(),
            Header = wanted.Header,
            UserMetadata = wanted.UserMetadata,
            Priority = wanted.Priority,
        };
        request.SearchAttributes.IndexedFields[ScheduledById] = ScheduleVisibility.Value(JsonSerializer.Serialize(tx.Key.ScheduleId), IndexedValueType.Keyword);
        request.SearchAttributes.IndexedFields[StartTime] = ScheduleVisibility.Value($"\"{TimeText(nominal)}\"", IndexedValueType.Datetime);
        if (action.IsAwaited)
        {
            request.LastCompletionResult = Payloads.Parser.Read(tx.Definition.LastResult);
            request.ContinuedFailure = Failure.Parser.Read(tx.Definition.LastFailure);
        }

        return request;
    }

    private static string TimeText(DateTimeOffset nominal) => nominal.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
