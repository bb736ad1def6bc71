using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <content>Activities.</content>
internal sealed partial class WorkflowInstance
{
    private readonly Dictionary<long, TaskCompletionSource<ResolveActivityJob>> pendingActivities = [];
    private long activityCount;

    public Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options)
    {
        RequireWritable();
        return outbound.ScheduleActivityAsync<TResult>(new(activity, args, options, null));
    }

    private static Duration? DurationOf(TimeSpan? time) => time is { } value ? Duration.FromTimeSpan(value) : null;

    private async Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
    {
        var options = input.Options ?? throw new ArgumentException("Activity options are required", nameof(input));
        if (options is { StartToCloseTimeout: null, ScheduleToCloseTimeout: null })
        {
            throw new ArgumentException("Activity options must have StartToCloseTimeout or ScheduleToCloseTimeout", nameof(input));
        }

        var token = options.CancellationToken ?? CancellationToken;
        if (token.IsCancellationRequested)
        {
            throw new CanceledFailureException("Activity cancelled before scheduled");
        }

        var sequence = ++activityCount;
        var attributes = AttributesOf(sequence, input);
        var context = converter.WithSerializationContext(new ISerializationContext.Activity(
            settings.Namespace, attributes.ActivityId, Info.WorkflowId, Info.WorkflowType, input.Activity, attributes.TaskQueue.Name, IsLocal: false));
        if (input.Args.Count > 0)
        {
            attributes.Input = new Payloads { Payloads_ = { input.Args.Select(context.PayloadConverter.ToPayload) } };
        }

        AddCommand(new ScheduleActivity(sequence, attributes, options.CancellationType, MetadataOf(options.Summary)));
        using var wait = NoteWait();
        var source = new TaskCompletionSource<ResolveActivityJob>();
        pendingActivities.Add(sequence, source);
        using var registration = token.Register(() =>
        {
            // How the activity ends is up to its machine, which knows how far it has come.
            if (pendingActivities.ContainsKey(sequence))
            {
                AddCommand(new RequestCancelActivity(sequence));
            }
        });
        var resolution = await source.Task.ConfigureAwait(true);
        if (resolution.Failure is { } failure)
        {
            throw context.FailureConverter.ToException(failure, context.PayloadConverter);
        }

        // Callers that want no result use the empty tuple as its type.
        return typeof(TResult) == typeof(ValueTuple) || resolution.Result is null
            ? default!
            : context.PayloadConverter.ToValue<TResult>(resolution.Result)!;
    }

    private ScheduleActivityTaskCommandAttributes AttributesOf(long sequence, ScheduleActivityInput input)
    {
        var options = input.Options;
        var attributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = options.ActivityId ?? sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ActivityType = new() { Name = input.Activity },
            TaskQueue = new() { Name = options.TaskQueue ?? Info.TaskQueue },
            ScheduleToCloseTimeout = DurationOf(options.ScheduleToCloseTimeout),
            ScheduleToStartTimeout = DurationOf(options.ScheduleToStartTimeout),
            StartToCloseTimeout = DurationOf(options.StartToCloseTimeout),
            HeartbeatTimeout = DurationOf(options.HeartbeatTimeout),
            RetryPolicy = options.RetryPolicy?.ToProto(),
            RequestEagerExecution = !options.DisableEagerActivityExecution,
            Priority = options.Priority?.ToProto(),
        };
        attributes.UseWorkflowBuildId = options.VersioningIntent switch
        {
            VersioningIntent.Compatible => true,
            VersioningIntent.CurrentDefault => false,
            _ => attributes.TaskQueue.Name == Info.TaskQueue,
        };
        if (input.Headers is { Count: > 0 } headers)
        {
            attributes.Header = new Header { Fields = { headers } };
        }

        return attributes;
    }

    private void ResolveActivity(ResolveActivityJob resolution)
    {
        if (pendingActivities.Remove(resolution.Sequence, out var source))
        {
            source.TrySetResult(resolution);
        }
    }
}
