using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>
/// The callbacks that a run was given, at its start and later. The only ones that are taken call the server itself, for operations of Nexus that
/// wait for the workflow. There are none here: so each of them fails with the chain's end, as one with a bad token does at Temporal's server.
/// </summary>
internal static class CallbackReader
{
    private const string Refused = "handler error (BAD_REQUEST): invalid callback token";

    public static IEnumerable<Callback> Callbacks(this EventReader reader, ExecutionState state) =>
        Registered(reader, state).Select(registered => registered.Callback);

    public static IEnumerable<CallbackInfo> Describe(this EventReader reader, ExecutionState state)
    {
        var isCalled = !state.IsOpen && state.Status != WorkflowExecutionStatus.ContinuedAsNew;
        return Registered(reader, state).Select(registered =>
        {
            var info = new CallbackInfo
            {
                Callback = registered.Callback,
                Trigger = new CallbackInfo.Types.Trigger { WorkflowClosed = new CallbackInfo.Types.WorkflowClosed() },
                RegistrationTime = registered.Event.EventTime,
                State = CallbackState.Standby,
            };
            if (isCalled)
            {
                info.State = CallbackState.Failed;
                info.Attempt = 1;
                info.LastAttemptCompleteTime = state.CloseTime.ToProto();
                info.LastAttemptFailure = new Failure { Message = Refused, ApplicationFailureInfo = new ApplicationFailureInfo { NonRetryable = true } };
            }

            return info;
        });
    }

    private static IEnumerable<(HistoryEvent Event, Callback Callback)> Registered(EventReader reader, ExecutionState state)
    {
        if (!state.HadNoCallbacksAtStart)
        {
            var started = reader.ReadOne(state, 1);
            var callbacks = started.WorkflowExecutionStartedEventAttributes.CompletionCallbacks;
            state.HadNoCallbacksAtStart = callbacks.Count == 0;
            foreach (var callback in callbacks)
            {
                yield return (started, callback);
            }
        }

        // Callbacks come with a request id of their own.
        var attachedBy = state.RequestIds.Values
            .Where(use => use.EventType == EventType.WorkflowExecutionOptionsUpdated && use.EventId > 0)
            .Select(use => use.EventId).Order().Select(id => reader.ReadOne(state, id));
        foreach (var updated in attachedBy.Concat(state.Buffered.Where(e => e.EventType == EventType.WorkflowExecutionOptionsUpdated)))
        {
            foreach (var callback in updated.WorkflowExecutionOptionsUpdatedEventAttributes.AttachedCompletionCallbacks)
            {
                yield return (updated, callback);
            }
        }
    }
}
