using Onramp.EmbeddedServer.History.Children;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Update.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>
/// What came after the point that a run is reset to and is still true: signals, updates and what became of children that began before. They
/// are held back for the new run's first task, and written with it in the order of all that is: how children ended comes last. Timers, activities and the
/// workflow's own commands are not applied, they are for it to do anew.
/// </summary>
/// <param name="tx">The new run.</param>
/// <param name="excluded">What is to be left out.</param>
internal sealed class Reapplication(ExecutionTransaction tx, SignalRecorder signals, IReadOnlySet<ResetReapplyExcludeType> excluded)
{
    private static readonly ResetReapplyExcludeType[] Everything =
        [.. Enum.GetValues<ResetReapplyExcludeType>().Where(type => type != ResetReapplyExcludeType.Unspecified)];

    /// <summary>Whether nothing at all is to be applied.</summary>
    public bool IsEmpty => excluded.IsSupersetOf(Everything);

    public void Apply(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionSignaledEventAttributes:
                Signal(@event);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAdmittedEventAttributes:
                Admit(@event.WorkflowExecutionUpdateAdmittedEventAttributes.Request, @event.WorkflowExecutionUpdateAdmittedEventAttributes.Origin);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAcceptedEventAttributes:
                Admit(@event.WorkflowExecutionUpdateAcceptedEventAttributes.AcceptedRequest, UpdateAdmittedEventOrigin.Reapply);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionOptionsUpdatedEventAttributes:
                tx.State.Priority = @event.WorkflowExecutionOptionsUpdatedEventAttributes.Priority ?? tx.State.Priority;
                tx.BufferCopy(Copy(@event));
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionStartedEventAttributes:
                StartChild(@event);
                break;
            default:
                EndChild(@event);
                break;
        }
    }

    private void Signal(HistoryEvent @event)
    {
        if (!excluded.Contains(ResetReapplyExcludeType.Signal))
        {
            var signal = @event.WorkflowExecutionSignaledEventAttributes;
            signals.Record(tx, new Signal(signal.SignalName, signal.Input, signal.Header, signal.Identity, signal.RequestId, @event.Links));
        }
    }

    /// <summary>One whose request stands in an event of its own is applied by that event only.</summary>
    /// <exception cref="RefusalException">
    /// INTERNAL: its id was used by an earlier run of those that are applied, or by the prefix; one run can't have it twice.
    /// </exception>
    private void Admit(Request? request, UpdateAdmittedEventOrigin origin)
    {
        if (request is null || excluded.Contains(ResetReapplyExcludeType.Update))
        {
            return;
        }

        if (tx.State.Updates.ContainsKey(request.Meta.UpdateId))
        {
            throw MaskedRefusal.Of(RefusalKind.Internal, $"Update ID {request.Meta.UpdateId} is already present in mutable state");
        }

        var admitted = tx.NewEvent(EventType.WorkflowExecutionUpdateAdmitted);
        admitted.WorkflowExecutionUpdateAdmittedEventAttributes = new WorkflowExecutionUpdateAdmittedEventAttributes { Request = request, Origin = origin };
        tx.Updates.Put(new UpdateState(request.Meta.UpdateId, 0));
        tx.BufferEvent(admitted);
    }

    private void StartChild(HistoryEvent @event)
    {
        var started = @event.ChildWorkflowExecutionStartedEventAttributes;
        if (tx.State.Children.TryGetValue(started.InitiatedEventId, out var child) && child.RunId.Length == 0)
        {
            child.RunId = started.WorkflowExecution.RunId;
            tx.Children.Change(child);
            tx.BufferCopy(Copy(@event));
        }
    }

    private void EndChild(HistoryEvent @event)
    {
        if (ChildNews.EndOf(@event) is { } initiated && tx.State.Children.TryGetValue(initiated, out var child))
        {
            var copy = Copy(@event);
            EventFlush.Link(copy, new Dictionary<long, long> { [initiated] = child.StartedEventId });
            tx.BufferCopy(copy);
            tx.Children.Remove(initiated);
        }
    }

    private HistoryEvent Copy(HistoryEvent @event)
    {
        var copy = @event.Clone();
        copy.EventTime = tx.Now.ToProto();
        return copy;
    }
}
