using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>A signal on its way into a history.</summary>
internal sealed record Signal(string Name, Payloads? Input, Header? Header, string Identity, string RequestId, IEnumerable<Link> Links,
    WorkflowExecution? Source = null);

/// <summary>Writes signals. One whose request id the run knows is a repetition.</summary>
internal sealed class SignalRecorder(HistoryEngineOptions options)
{
    /// <summary>A run that was kept from ending by something that it had not seen is not kept from it for ever by clients.</summary>
    public static void RequireStaysOpen(ExecutionState state)
    {
        if (state.Task.IsClosing)
        {
            throw Errors.Closing();
        }
    }

    /// <returns>Whether the signal was new.</returns>
    public bool Record(ExecutionTransaction tx, Signal signal)
    {
        var state = tx.State;
        var known = Knows(state, signal.RequestId);
        if (!known && state.SignalCount >= options.MaximumSignals)
        {
            throw Errors.InvalidArgument("exceeded workflow execution limit for signal events");
        }

        var signaled = tx.NewEvent(EventType.WorkflowExecutionSignaled);
        signaled.Links.Add(signal.Links);
        signaled.WorkflowExecutionSignaledEventAttributes = new WorkflowExecutionSignaledEventAttributes
        {
            SignalName = signal.Name,
            Input = signal.Input,
            Header = signal.Header,
            Identity = signal.Identity,
            RequestId = signal.RequestId,
            ExternalWorkflowExecution = signal.Source,
        };
        tx.Fire(SignalTransitions.Table, known ? SignalStatus.Recorded : SignalStatus.Unknown, SignalTrigger.Deliver, new SignalStep(tx, signaled));
        return !known;
    }

    /// <summary>Whether a signal of this request has come before.</summary>
    public static bool Knows(ExecutionState state, string requestId) => requestId.Length > 0 && state.SignalRequestIds.Contains(requestId);
}
