using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Commands as a worker sends them.</summary>
public static class Commands
{
    public static Command Activity(string id, Action<ScheduleActivityTaskCommandAttributes>? change = null)
    {
        var attributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = id,
            ActivityType = new ActivityType { Name = "Charge" },
            TaskQueue = new TaskQueue { Name = "payments" },
            StartToCloseTimeout = Seconds(60),
        };
        change?.Invoke(attributes);
        return new Command { CommandType = CommandType.ScheduleActivityTask, ScheduleActivityTaskCommandAttributes = attributes };
    }

    public static Command CancelActivity(long scheduledEventId) => new()
    {
        CommandType = CommandType.RequestCancelActivityTask,
        RequestCancelActivityTaskCommandAttributes = new RequestCancelActivityTaskCommandAttributes { ScheduledEventId = scheduledEventId },
    };

    public static Command Timer(string id, double seconds) => new()
    {
        CommandType = CommandType.StartTimer,
        StartTimerCommandAttributes = new StartTimerCommandAttributes { TimerId = id, StartToFireTimeout = Seconds(seconds) },
    };

    public static Command CancelTimer(string id) => new()
    {
        CommandType = CommandType.CancelTimer,
        CancelTimerCommandAttributes = new CancelTimerCommandAttributes { TimerId = id },
    };

    public static Command UpsertMemo(string key, string value) => new()
    {
        CommandType = CommandType.ModifyWorkflowProperties,
        ModifyWorkflowPropertiesCommandAttributes = new ModifyWorkflowPropertiesCommandAttributes
        {
            UpsertedMemo = new Memo { Fields = { [key] = World.Text(value).Payloads_[0] } },
        },
    };

    public static Command UpsertSearchAttribute(string name, string json) => new()
    {
        CommandType = CommandType.UpsertWorkflowSearchAttributes,
        UpsertWorkflowSearchAttributesCommandAttributes = new UpsertWorkflowSearchAttributesCommandAttributes
        {
            SearchAttributes = new SearchAttributes
            {
                IndexedFields = { [name] = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = ByteString.CopyFromUtf8(json) } },
            },
        },
    };

    public static Command Marker(string name) => new()
    {
        CommandType = CommandType.RecordMarker,
        RecordMarkerCommandAttributes = new RecordMarkerCommandAttributes { MarkerName = name },
    };

    public static Command Complete() => new()
    {
        CommandType = CommandType.CompleteWorkflowExecution,
        CompleteWorkflowExecutionCommandAttributes = new CompleteWorkflowExecutionCommandAttributes(),
    };

    public static Command Fail(string message = "no luck") => new()
    {
        CommandType = CommandType.FailWorkflowExecution,
        FailWorkflowExecutionCommandAttributes = new FailWorkflowExecutionCommandAttributes
        {
            Failure = new Failure { Message = message, ApplicationFailureInfo = new ApplicationFailureInfo() },
        },
    };

    public static Command Cancel() => new()
    {
        CommandType = CommandType.CancelWorkflowExecution,
        CancelWorkflowExecutionCommandAttributes = new CancelWorkflowExecutionCommandAttributes(),
    };

    public static Command ContinueAsNew() => new()
    {
        CommandType = CommandType.ContinueAsNewWorkflowExecution,
        ContinueAsNewWorkflowExecutionCommandAttributes = new ContinueAsNewWorkflowExecutionCommandAttributes(),
    };

    public static Command Child(string workflowId, Action<StartChildWorkflowExecutionCommandAttributes>? change = null)
    {
        var attributes = new StartChildWorkflowExecutionCommandAttributes
        {
            WorkflowId = workflowId,
            WorkflowType = new WorkflowType { Name = "Part" },
            TaskQueue = new TaskQueue { Name = "parts" },
        };
        change?.Invoke(attributes);
        return new Command { CommandType = CommandType.StartChildWorkflowExecution, StartChildWorkflowExecutionCommandAttributes = attributes };
    }

    /// <summary>As SDKs cancel a child.</summary>
    public static Command CancelChild(string workflowId, string runId = "") => new()
    {
        CommandType = CommandType.RequestCancelExternalWorkflowExecution,
        RequestCancelExternalWorkflowExecutionCommandAttributes = new RequestCancelExternalWorkflowExecutionCommandAttributes
        {
            WorkflowId = workflowId,
            RunId = runId,
            ChildWorkflowOnly = true,
            Reason = "no longer needed",
        },
    };

    public static Command SignalOther(string workflowId, string signal) => new()
    {
        CommandType = CommandType.SignalExternalWorkflowExecution,
        SignalExternalWorkflowExecutionCommandAttributes = new SignalExternalWorkflowExecutionCommandAttributes
        {
            Execution = new WorkflowExecution { WorkflowId = workflowId },
            SignalName = signal,
        },
    };

    public static Command CancelOther(string workflowId) => new()
    {
        CommandType = CommandType.RequestCancelExternalWorkflowExecution,
        RequestCancelExternalWorkflowExecutionCommandAttributes = new RequestCancelExternalWorkflowExecutionCommandAttributes { WorkflowId = workflowId },
    };

    public static Duration Seconds(double seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
}
