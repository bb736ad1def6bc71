using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <content>Starting workflows.</content>
internal sealed partial class RootClientInterceptor
{
    public override async Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
    {
        var id = input.Options.Id ?? throw new ArgumentException("ID required to start workflow", nameof(input));
        var start = await StartRequestAsync(input, id).ConfigureAwait(false);
        string runId;
        try
        {
            runId = input.Options.StartSignal is null
                ? (await Service.StartWorkflowExecutionAsync(start, Retrying(input.Options.Rpc)).ConfigureAwait(false)).RunId
                : await SignalWithStartAsync(start, input).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.AlreadyExists)
        {
            throw AlreadyStarted(e, id, input.Workflow) ?? (Exception)e;
        }

        return new(client, id, RunId: null, ResultRunId: runId, FirstExecutionRunId: runId);
    }

    // Anything but exactly one such detail is some other conflict.
    private static WorkflowAlreadyStartedException? AlreadyStarted(RpcException e, string id, string workflow) =>
        e.GrpcStatus.Value is { Details: [var detail] } && detail.TryUnpack<WorkflowExecutionAlreadyStartedFailure>(out var failure)
            ? new(e.Message, id, workflow, failure.RunId)
            : null;

    private static Duration? ToDuration(TimeSpan? span) => span is { } value ? Duration.FromTimeSpan(value) : null;

    private async Task<string> SignalWithStartAsync(StartWorkflowExecutionRequest start, StartWorkflowInput input)
    {
        if (input.Options.StartDelay is not null && input.Options.CronSchedule is not null)
        {
            throw new ArgumentException("A start delay and a cron schedule exclude each other", nameof(input));
        }

        var request = new SignalWithStartWorkflowExecutionRequest
        {
            Namespace = start.Namespace,
            WorkflowId = start.WorkflowId,
            WorkflowType = start.WorkflowType,
            TaskQueue = start.TaskQueue,
            Input = start.Input,
            WorkflowExecutionTimeout = start.WorkflowExecutionTimeout,
            WorkflowRunTimeout = start.WorkflowRunTimeout,
            WorkflowTaskTimeout = start.WorkflowTaskTimeout,
            Identity = start.Identity,
            RequestId = start.RequestId,
            WorkflowIdReusePolicy = start.WorkflowIdReusePolicy,
            WorkflowIdConflictPolicy = start.WorkflowIdConflictPolicy,
            SignalName = input.Options.StartSignal,
            SignalInput = await PayloadsAsync(ConverterFor(start.WorkflowId), input.Options.StartSignalArgs).ConfigureAwait(false),
            RetryPolicy = start.RetryPolicy,
            CronSchedule = start.CronSchedule,
            Memo = start.Memo,
            SearchAttributes = start.SearchAttributes,
            Header = start.Header,
            WorkflowStartDelay = start.WorkflowStartDelay,
            UserMetadata = start.UserMetadata,
            VersioningOverride = start.VersioningOverride,
            Priority = start.Priority,
        };
        return (await Service.SignalWithStartWorkflowExecutionAsync(request, Retrying(input.Options.Rpc)).ConfigureAwait(false)).RunId;
    }

    private async Task<StartWorkflowExecutionRequest> StartRequestAsync(StartWorkflowInput input, string id)
    {
        var options = input.Options;
        var converter = ConverterFor(id);
        return new()
        {
            Namespace = Namespace,
            WorkflowId = id,
            WorkflowType = new() { Name = input.Workflow },
            TaskQueue = new TaskQueue
            {
                Name = options.TaskQueue ?? throw new ArgumentException("Task queue required to start workflow", nameof(input)),
            },
            Input = await PayloadsAsync(converter, input.Args).ConfigureAwait(false),
            WorkflowExecutionTimeout = ToDuration(options.ExecutionTimeout),
            WorkflowRunTimeout = ToDuration(options.RunTimeout),
            WorkflowTaskTimeout = ToDuration(options.TaskTimeout),
            Identity = Identity,
            RequestId = Guid.NewGuid().ToString(),
            WorkflowIdReusePolicy = options.IdReusePolicy,
            WorkflowIdConflictPolicy = options.IdConflictPolicy,
            RetryPolicy = options.RetryPolicy?.ToProto(),
            CronSchedule = options.CronSchedule ?? string.Empty,
            Memo = await MemoAsync(converter, options.Memo).ConfigureAwait(false),
            SearchAttributes = options.TypedSearchAttributes is { Count: > 0 } attributes ? attributes.ToProto() : null,
            Header = await HeaderAsync(converter, input.Headers).ConfigureAwait(false),
            WorkflowStartDelay = ToDuration(options.StartDelay),
            UserMetadata = await UserMetadataAsync(converter, options.StaticSummary, options.StaticDetails).ConfigureAwait(false),
            VersioningOverride = options.VersioningOverride?.ToProto(),
            Priority = options.Priority?.ToProto(),
        };
    }

    private static async Task<Memo?> MemoAsync(DataConverter converter, IReadOnlyDictionary<string, object>? values)
    {
        if (values is null || values.Count == 0)
        {
            return null;
        }

        var memo = new Memo();
        foreach (var (name, value) in values)
        {
            memo.Fields[name] = await converter.ToPayloadAsync(value).ConfigureAwait(false);
        }

        return memo;
    }

    private static async Task<UserMetadata?> UserMetadataAsync(DataConverter converter, string? summary, string? details) =>
        summary is null && details is null
            ? null
            : new()
            {
                Summary = summary is null ? null : await converter.ToPayloadAsync(summary).ConfigureAwait(false),
                Details = details is null ? null : await converter.ToPayloadAsync(details).ConfigureAwait(false),
            };
}
