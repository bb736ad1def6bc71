using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <content>Activities that complete asynchronously.</content>
internal sealed partial class RootClientInterceptor
{
    public override async Task HeartbeatAsyncActivityAsync(HeartbeatAsyncActivityInput input)
    {
        var details = await PayloadsAsync(Converter(input.DataConverterOverride), input.Options?.Details).ConfigureAwait(false);
        var options = Retrying(input.Options?.Rpc);
        bool stop;
        if (input.Activity is AsyncActivityHandle.IdReference id)
        {
            var response = await Service.RecordActivityTaskHeartbeatByIdAsync(
                new()
                {
                    Namespace = Namespace,
                    WorkflowId = id.WorkflowId,
                    RunId = id.RunId ?? string.Empty,
                    ActivityId = id.ActivityId,
                    Identity = Identity,
                    Details = details,
                },
                options).ConfigureAwait(false);
            stop = response.CancelRequested || response.ActivityPaused || response.ActivityReset;
        }
        else
        {
            var response = await Service.RecordActivityTaskHeartbeatAsync(
                new() { Namespace = Namespace, TaskToken = Token(input.Activity), Identity = Identity, Details = details },
                options).ConfigureAwait(false);
            stop = response.CancelRequested || response.ActivityPaused || response.ActivityReset;
        }

        if (stop)
        {
            throw new AsyncActivityCanceledException();
        }
    }

    public override async Task CompleteAsyncActivityAsync(CompleteAsyncActivityInput input)
    {
        var result = new Payloads
        {
            Payloads_ = { await Converter(input.DataConverterOverride).ToPayloadAsync(input.Result).ConfigureAwait(false) },
        };
        var options = Retrying(input.Options?.Rpc);
        if (input.Activity is AsyncActivityHandle.IdReference id)
        {
            await Service.RespondActivityTaskCompletedByIdAsync(
                new()
                {
                    Namespace = Namespace,
                    WorkflowId = id.WorkflowId,
                    RunId = id.RunId ?? string.Empty,
                    ActivityId = id.ActivityId,
                    Identity = Identity,
                    Result = result,
                },
                options).ConfigureAwait(false);
        }
        else
        {
            await Service.RespondActivityTaskCompletedAsync(
                new() { Namespace = Namespace, TaskToken = Token(input.Activity), Identity = Identity, Result = result },
                options).ConfigureAwait(false);
        }
    }

    public override async Task FailAsyncActivityAsync(FailAsyncActivityInput input)
    {
        var converter = Converter(input.DataConverterOverride);
        var failure = await converter.ToFailureAsync(input.Exception).ConfigureAwait(false);
        var lastHeartbeat = await PayloadsAsync(converter, input.Options?.LastHeartbeatDetails).ConfigureAwait(false);
        var options = Retrying(input.Options?.Rpc);
        if (input.Activity is AsyncActivityHandle.IdReference id)
        {
            await Service.RespondActivityTaskFailedByIdAsync(
                new()
                {
                    Namespace = Namespace,
                    WorkflowId = id.WorkflowId,
                    RunId = id.RunId ?? string.Empty,
                    ActivityId = id.ActivityId,
                    Identity = Identity,
                    Failure = failure,
                    LastHeartbeatDetails = lastHeartbeat,
                },
                options).ConfigureAwait(false);
        }
        else
        {
            await Service.RespondActivityTaskFailedAsync(
                new()
                {
                    Namespace = Namespace,
                    TaskToken = Token(input.Activity),
                    Identity = Identity,
                    Failure = failure,
                    LastHeartbeatDetails = lastHeartbeat,
                },
                options).ConfigureAwait(false);
        }
    }

    public override async Task ReportCancellationAsyncActivityAsync(ReportCancellationAsyncActivityInput input)
    {
        var details = await PayloadsAsync(Converter(input.DataConverterOverride), input.Options?.Details).ConfigureAwait(false);
        var options = Retrying(input.Options?.Rpc);
        if (input.Activity is AsyncActivityHandle.IdReference id)
        {
            await Service.RespondActivityTaskCanceledByIdAsync(
                new()
                {
                    Namespace = Namespace,
                    WorkflowId = id.WorkflowId,
                    RunId = id.RunId ?? string.Empty,
                    ActivityId = id.ActivityId,
                    Identity = Identity,
                    Details = details,
                },
                options).ConfigureAwait(false);
        }
        else
        {
            await Service.RespondActivityTaskCanceledAsync(
                new() { Namespace = Namespace, TaskToken = Token(input.Activity), Identity = Identity, Details = details },
                options).ConfigureAwait(false);
        }
    }

    private static ByteString Token(AsyncActivityHandle.Reference activity) =>
        ByteString.CopyFrom(((AsyncActivityHandle.TaskTokenReference)activity).TaskToken);

    private DataConverter Converter(DataConverter? given) => given ?? client.Options.DataConverter;
}
