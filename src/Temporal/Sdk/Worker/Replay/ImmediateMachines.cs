using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>A command that has one event and nothing after it.</summary>
internal abstract class ImmediateMachine(EventType eventType, Command command) : CommandMachine
{
    public override void OnCommandEvent(CommandType queued, HistoryEvent historyEvent)
    {
        if (historyEvent.EventType != eventType)
        {
            throw Mismatch(queued, historyEvent);
        }

        Check(historyEvent);
    }

    public override Command ToCommand(CommandType queued) => command;

    /// <summary>Compares what has to be the same in the event.</summary>
    protected virtual void Check(HistoryEvent historyEvent)
    {
    }
}

/// <summary>A change of search attributes. The same attributes must be changed; their values may depend on what is not recorded.</summary>
internal sealed class UpsertSearchAttributesMachine(UpsertWorkflowSearchAttributesCommandAttributes attributes)
    : ImmediateMachine(
        EventType.UpsertWorkflowSearchAttributes,
        new() { CommandType = CommandType.UpsertWorkflowSearchAttributes, UpsertWorkflowSearchAttributesCommandAttributes = attributes })
{
    /// <summary>The attribute that lists a run's patches.</summary>
    public const string ChangeVersionAttribute = "TemporalChangeVersion";

    /// <summary>Tells whether an event changes the list of patches.</summary>
    public static bool IsChangeVersion(HistoryEvent historyEvent) =>
        historyEvent.EventType == EventType.UpsertWorkflowSearchAttributes
        && historyEvent.UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes.IndexedFields.ContainsKey(ChangeVersionAttribute);

    protected override void Check(HistoryEvent historyEvent)
    {
        var recorded = historyEvent.UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes?.IndexedFields.Keys ?? [];
        RequireSame("search attributes", Names(attributes.SearchAttributes.IndexedFields.Keys), Names(recorded));
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
}

/// <summary>A change of the memo.</summary>
internal sealed class ModifyPropertiesMachine(ModifyWorkflowPropertiesCommandAttributes attributes)
    : ImmediateMachine(
        EventType.WorkflowPropertiesModified,
        new() { CommandType = CommandType.ModifyWorkflowProperties, ModifyWorkflowPropertiesCommandAttributes = attributes });

/// <summary>The end of the run.</summary>
internal sealed class EndWorkflowMachine(EndWorkflow end) : ImmediateMachine(EventOf(end), CommandOf(end))
{
    private static EventType EventOf(EndWorkflow end) => end switch
    {
        CompleteWorkflow => EventType.WorkflowExecutionCompleted,
        FailWorkflow => EventType.WorkflowExecutionFailed,
        _ => EventType.WorkflowExecutionCanceled,
    };

    private static Command CommandOf(EndWorkflow end) => end switch
    {
        CompleteWorkflow complete => new()
        {
            CommandType = CommandType.CompleteWorkflowExecution,
            CompleteWorkflowExecutionCommandAttributes = complete.Attributes,
        },
        FailWorkflow fail => new()
        {
            CommandType = CommandType.FailWorkflowExecution,
            FailWorkflowExecutionCommandAttributes = fail.Attributes,
        },
        CancelWorkflow cancel => new()
        {
            CommandType = CommandType.CancelWorkflowExecution,
            CancelWorkflowExecutionCommandAttributes = cancel.Attributes,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    };
}
