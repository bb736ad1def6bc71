using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <summary>What a closing event says: the result, the failure, or the run that follows.</summary>
internal sealed class WorkflowOutcome
{
    private readonly HistoryEvent close;
    private readonly DataConverter converter;

    public WorkflowOutcome(HistoryEvent close, TemporalClientOptions options, string workflowId)
    {
        this.close = close;
        converter = options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(options.Namespace, workflowId));
        NextRunId = close.AttributesCase switch
        {
            HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes =>
                NullIfEmpty(close.WorkflowExecutionCompletedEventAttributes.NewExecutionRunId),
            HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes =>
                NullIfEmpty(close.WorkflowExecutionFailedEventAttributes.NewExecutionRunId),
            HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes =>
                NullIfEmpty(close.WorkflowExecutionTimedOutEventAttributes.NewExecutionRunId),
            HistoryEvent.AttributesOneofCase.WorkflowExecutionContinuedAsNewEventAttributes =>
                NullIfEmpty(close.WorkflowExecutionContinuedAsNewEventAttributes.NewExecutionRunId),
            _ => null,
        };
    }

    /// <summary>The run that carries on, if there is one.</summary>
    public string? NextRunId { get; }

    /// <summary>The result, or the exception that stands for how it ended instead.</summary>
    public async Task<TResult> GetResultAsync<TResult>()
    {
        switch (close.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes:
                return await ResultAsync<TResult>(close.WorkflowExecutionCompletedEventAttributes.Result).ConfigureAwait(false);
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes:
                throw await FailedAsync(close.WorkflowExecutionFailedEventAttributes.Failure).ConfigureAwait(false);
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionCanceledEventAttributes:
                throw await FailedAsync(new Failure
                {
                    Message = "Workflow cancelled",
                    CanceledFailureInfo = new() { Details = close.WorkflowExecutionCanceledEventAttributes.Details },
                }).ConfigureAwait(false);
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionTerminatedEventAttributes:
                throw await TerminatedAsync(close.WorkflowExecutionTerminatedEventAttributes).ConfigureAwait(false);
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes:
                throw await FailedAsync(new Failure
                {
                    Message = "Workflow timed out",
                    TimeoutFailureInfo = new() { TimeoutType = TimeoutType.StartToClose },
                }).ConfigureAwait(false);
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionContinuedAsNewEventAttributes:
                throw new WorkflowContinuedAsNewException(
                    NextRunId ?? throw new InvalidOperationException("Workflow continued as new without a new run"));
            default:
                throw new InvalidOperationException($"Event {close.EventType} does not close a workflow");
        }
    }

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;

    private async Task<TResult> ResultAsync<TResult>(Api.Common.V1.Payloads? payloads)
    {
        if (typeof(TResult) == typeof(ValueTuple))
        {
            return default!;
        }

        // A workflow without result completes with no payload at all.
        return payloads is null || payloads.Payloads_.Count == 0
            ? default!
            : await converter.ToSingleValueAsync<TResult>(payloads.Payloads_).ConfigureAwait(false);
    }

    private async Task<WorkflowFailedException> FailedAsync(Failure? failure) =>
        new(failure is null ? null : await converter.ToExceptionAsync(failure).ConfigureAwait(false));

    private async Task<WorkflowFailedException> TerminatedAsync(WorkflowExecutionTerminatedEventAttributes terminated)
    {
        IReadOnlyCollection<Api.Common.V1.Payload> payloads = terminated.Details?.Payloads_ ?? [];
        if (converter.PayloadCodec is { } codec && payloads.Count > 0)
        {
            payloads = await codec.DecodeAsync(payloads).ConfigureAwait(false);
        }

        var failure = new Failure
        {
            Message = terminated.Reason.Length == 0 ? "Workflow terminated" : terminated.Reason,
            TerminatedFailureInfo = new(),
        };
        return new(new TerminatedFailureException(failure, inner: null, new InboundFailureDetails(converter.PayloadConverter, payloads)));
    }
}
