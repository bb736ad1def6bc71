using Google.Protobuf.Collections;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Converters;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker.Workflows;

/// <summary>
/// Applies the payload codec on the way to and from workflow code. What came from history is copied, never changed. Search attributes and
/// patch markers are not encoded, because the server and other workers read them.
/// </summary>
internal static class ActivationCodec
{
    /// <summary>Decodes what an activation brings.</summary>
    public static async Task<Activation> DecodeAsync(
        IPayloadCodec codec, WorkflowRuntime runtime, string workflowId, string workflowType, Activation activation)
    {
        var jobs = new Job[activation.Jobs.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            jobs[i] = activation.Jobs[i] switch
            {
                InitializeJob job => await DecodeAsync(codec, job).ConfigureAwait(false),
                SignalJob job => job with
                {
                    Input = await CodeAsync(job.Input, codec.DecodeAsync).ConfigureAwait(false),
                    Header = await CodeAsync(job.Header, codec.DecodeAsync).ConfigureAwait(false),
                },
                QueryJob job => job with
                {
                    Arguments = await CodeAsync(job.Arguments, codec.DecodeAsync).ConfigureAwait(false),
                    Header = await CodeAsync(job.Header, codec.DecodeAsync).ConfigureAwait(false),
                },
                ResolveActivityJob job => await DecodeAsync(ActivityCodec(runtime, workflowId, workflowType, job.Activity), job).ConfigureAwait(false),
                var job => job,
            };
        }

        return activation.With(jobs);
    }

    /// <summary>Encodes a command.</summary>
    public static async Task<Command> EncodeAsync(
        IPayloadCodec codec, WorkflowRuntime runtime, string workflowId, string workflowType, Command command)
    {
        command = command.Clone();
        if (command.UserMetadata is { } metadata)
        {
            command.UserMetadata = new UserMetadata
            {
                Summary = metadata.Summary is { } summary ? await codec.EncodeSingleAsync(summary).ConfigureAwait(false) : null,
                Details = metadata.Details is { } details ? await codec.EncodeSingleAsync(details).ConfigureAwait(false) : null,
            };
        }

        switch (command.AttributesCase)
        {
            case Command.AttributesOneofCase.ScheduleActivityTaskCommandAttributes:
                var activity = command.ScheduleActivityTaskCommandAttributes;
                var activityCodec = ActivityCodec(runtime, workflowId, workflowType, activity);
                activity.Input = await CodeAsync(activity.Input, activityCodec.EncodeAsync).ConfigureAwait(false);
                activity.Header = await CodeAsync(activity.Header, codec.EncodeAsync).ConfigureAwait(false);
                break;
            case Command.AttributesOneofCase.CompleteWorkflowExecutionCommandAttributes:
                var complete = command.CompleteWorkflowExecutionCommandAttributes;
                complete.Result = await CodeAsync(complete.Result, codec.EncodeAsync).ConfigureAwait(false);
                break;
            case Command.AttributesOneofCase.FailWorkflowExecutionCommandAttributes:
                await codec.EncodeFailureAsync(command.FailWorkflowExecutionCommandAttributes.Failure).ConfigureAwait(false);
                break;
            case Command.AttributesOneofCase.ModifyWorkflowPropertiesCommandAttributes:
                var memo = command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo;
                await CodeAsync(memo.Fields, codec.EncodeAsync).ConfigureAwait(false);
                break;
        }

        return command;
    }

    private static IPayloadCodec ActivityCodec(
        WorkflowRuntime runtime, string workflowId, string workflowType, ScheduleActivityTaskCommandAttributes activity) =>
        runtime.Settings.DataConverter.WithSerializationContext(new ISerializationContext.Activity(
            runtime.Settings.Namespace, activity.ActivityId, workflowId, workflowType, activity.ActivityType.Name, activity.TaskQueue.Name, IsLocal: false))
            .PayloadCodec!;

    private static async Task<Job> DecodeAsync(IPayloadCodec codec, InitializeJob job)
    {
        var started = job.Started.Clone();
        started.Input = await CodeAsync(started.Input, codec.DecodeAsync).ConfigureAwait(false);
        started.Header = await CodeAsync(started.Header, codec.DecodeAsync).ConfigureAwait(false);
        started.LastCompletionResult = await CodeAsync(started.LastCompletionResult, codec.DecodeAsync).ConfigureAwait(false);
        if (started.Memo is { } memo)
        {
            await CodeAsync(memo.Fields, codec.DecodeAsync).ConfigureAwait(false);
        }

        if (started.ContinuedFailure is { } failure)
        {
            await codec.DecodeFailureAsync(failure).ConfigureAwait(false);
        }

        return job with { Started = started };
    }

    private static async Task<Job> DecodeAsync(IPayloadCodec codec, ResolveActivityJob job)
    {
        var failure = job.Failure?.Clone();
        if (failure is not null)
        {
            await codec.DecodeFailureAsync(failure).ConfigureAwait(false);
        }

        return job with
        {
            Result = job.Result is { } result ? await codec.DecodeSingleAsync(result).ConfigureAwait(false) : null,
            Failure = failure,
        };
    }

    private static async Task<Payloads?> CodeAsync(
        Payloads? payloads, Func<IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> code)
    {
        if (payloads is null || payloads.Payloads_.Count == 0)
        {
            return payloads;
        }

        var coded = new Payloads();
        coded.Payloads_.AddRange(await code(payloads.Payloads_).ConfigureAwait(false));
        return coded;
    }

    private static async Task<Header?> CodeAsync(
        Header? header, Func<IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> code)
    {
        if (header is null || header.Fields.Count == 0)
        {
            return header;
        }

        var coded = header.Clone();
        await CodeAsync(coded.Fields, code).ConfigureAwait(false);
        return coded;
    }

    private static async Task CodeAsync(
        MapField<string, Payload> fields, Func<IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> code)
    {
        foreach (var (name, payload) in fields.ToArray())
        {
            fields[name] = (await code([payload]).ConfigureAwait(false)).Single();
        }
    }
}
