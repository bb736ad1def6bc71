using Microsoft.Extensions.Logging;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Client.Rpc;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Instance;
using VersioningBehavior = Temporalio.Common.VersioningBehavior;

namespace Temporalio.Worker.Workflows;

/// <summary>Tells the server how workflow and query tasks ended.</summary>
internal sealed class WorkflowTaskReporter(WorkerContext context, WorkflowRuntime runtime, EagerActivities eager, ILogger logger)
{
    /// <summary>What the server says when a workflow ended its run while something new was waiting for it.</summary>
    private const string UnhandledCommand = "UnhandledCommand";

    private static readonly string[] TooLargeMessages =
    [
        "grpc: received message larger than max",
        "grpc: message after decompression larger than max",
        "grpc: received message after decompression larger than max",
    ];

    private volatile bool stopping;

    /// <summary>Gets a value indicating whether the worker wants its workflows' next tasks for itself.</summary>
    public bool IsSticky => context.StickyQueue is not null;

    /// <summary>Takes no more tasks with answers.</summary>
    public void Stop() => stopping = true;

    /// <summary>Completes a task.</summary>
    /// <returns>Whether the server took it, and the next task if it gave one.</returns>
    public async Task<(bool Accepted, PollWorkflowTaskQueueResponse? Next)> CompleteAsync(
        PollWorkflowTaskQueueResponse task, WorkflowRun run, IReadOnlyList<QueryAnswer> answers)
    {
        var request = await RequestAsync(task, run, answers).ConfigureAwait(false);
        var reserved = eager.Reserve(request.Commands);
        try
        {
            var response = await context.Service.RespondWorkflowTaskCompletedAsync(request, new RpcOptions { Retry = true }).ConfigureAwait(false);
            reserved.Start(response.ActivityTasks);
            return (true, response.WorkflowTask is { TaskToken.IsEmpty: false } next ? next : null);
        }
        catch (RpcException e) when (TooLargeMessages.Any(text => e.Message.StartsWith(text, StringComparison.Ordinal)))
        {
            await FailAsync(task, e, WorkflowTaskFailedCause.GrpcMessageTooLarge).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            // Somebody else has the task by now, or something came in between; both end with a new task.
            var expected = e.Code == RpcException.StatusCode.NotFound
                || (e.Code == RpcException.StatusCode.InvalidArgument && e.Message == UnhandledCommand);
            logger.Log(
                expected ? LogLevel.Debug : LogLevel.Warning, e, "Server did not take the completion of a task of workflow {WorkflowId}", task.WorkflowExecution.WorkflowId);
        }
        finally
        {
            reserved.Dispose();
        }

        return (false, null);
    }

    /// <summary>Fails a task.</summary>
    public Task FailAsync(PollWorkflowTaskQueueResponse task, Exception exception) => FailAsync(
        task,
        exception,
        exception is WorkflowNondeterminismException ? WorkflowTaskFailedCause.NonDeterministicError : WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure);

    /// <summary>Answers a query task.</summary>
    public async Task AnswerAsync(PollWorkflowTaskQueueResponse task, QueryAnswer answer)
    {
        var result = await ResultOfAsync(task.WorkflowExecution.WorkflowId, answer).ConfigureAwait(false);
        var request = new RespondQueryTaskCompletedRequest
        {
            TaskToken = task.TaskToken,
            Namespace = context.Namespace,
            CompletedType = result.ResultType,
            QueryResult = result.Answer,
            ErrorMessage = result.ErrorMessage,
            Failure = result.Failure,
        };
        await IgnoringLossAsync(
            () => context.Service.RespondQueryTaskCompletedAsync(request, new RpcOptions { Retry = true }), "the answer to a query").ConfigureAwait(false);
    }

    private async Task FailAsync(PollWorkflowTaskQueueResponse task, Exception exception, WorkflowTaskFailedCause cause)
    {
        logger.LogWarning(
            exception,
            "Workflow task of workflow {WorkflowId}, run {RunId}, type {WorkflowType} failed",
            task.WorkflowExecution.WorkflowId,
            task.WorkflowExecution.RunId,
            task.WorkflowType.Name);
        // The first failure is in history; the pauses between later attempts come from their timeouts.
        if (task.Attempt > 1)
        {
            return;
        }

        var request = new RespondWorkflowTaskFailedRequest
        {
            TaskToken = task.TaskToken,
            Namespace = context.Namespace,
            Identity = context.Identity,
            Cause = cause,
            Failure = await FailureOfAsync(task.WorkflowExecution.WorkflowId, exception).ConfigureAwait(false),
            DeploymentOptions = context.DeploymentOptions,
        };
#pragma warning disable CS0612, CS0618 // Older servers know no deployments.
        request.WorkerVersion = context.VersionStamp;
#pragma warning restore CS0612, CS0618
        await IgnoringLossAsync(
            () => context.Service.RespondWorkflowTaskFailedAsync(request, new RpcOptions { Retry = true }), "the failure of a workflow task").ConfigureAwait(false);
    }

    private async Task<RespondWorkflowTaskCompletedRequest> RequestAsync(
        PollWorkflowTaskQueueResponse task, WorkflowRun run, IReadOnlyList<QueryAnswer> answers)
    {
        var request = new RespondWorkflowTaskCompletedRequest
        {
            TaskToken = task.TaskToken,
            Namespace = context.Namespace,
            Identity = context.Identity,
            ReturnNewWorkflowTask = IsSticky && !stopping,
            SdkMetadata = run.Machines.Sdk.News(SdkIdentity.Name, SdkIdentity.Version),
            Capabilities = new() { DiscardSpeculativeWorkflowTaskWithEvents = true },
            DeploymentOptions = context.DeploymentOptions,
            VersioningBehavior = (Api.Enums.V1.VersioningBehavior)(int)BehaviorOf(run),
            WorkerInstanceKey = context.InstanceKey,
        };
#pragma warning disable CS0612, CS0618 // Older servers know no deployments.
        request.WorkerVersionStamp = context.VersionStamp;
#pragma warning restore CS0612, CS0618
        request.Commands.AddRange(await run.CommandsAsync().ConfigureAwait(false));
        request.Messages.AddRange(UpdateRefusals.To(task.Messages));
        if (IsSticky)
        {
            request.StickyAttributes = new()
            {
                WorkerTaskQueue = new TaskQueue { Name = context.StickyQueue, Kind = TaskQueueKind.Sticky, NormalName = context.TaskQueue },
                ScheduleToStartTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(context.Options.StickyQueueScheduleToStartTimeout),
            };
        }

        foreach (var answer in answers)
        {
            request.QueryResults.Add(answer.QueryId, await ResultOfAsync(task.WorkflowExecution.WorkflowId, answer).ConfigureAwait(false));
        }

        return request;
    }

    private VersioningBehavior BehaviorOf(WorkflowRun run) => context.Options.DeploymentOptions is not { UseWorkerVersioning: true } deployment
        ? VersioningBehavior.Unspecified
        : run.VersioningBehavior ?? deployment.DefaultVersioningBehavior;

    private async Task<WorkflowQueryResult> ResultOfAsync(string workflowId, QueryAnswer answer)
    {
        if (answer.Failure is { } exception)
        {
            return new()
            {
                ResultType = QueryResultType.Failed,
                ErrorMessage = exception.Message,
                Failure = await FailureOfAsync(workflowId, exception).ConfigureAwait(false),
            };
        }

        var payload = runtime.CodecFor(workflowId) is { } codec ? await codec.EncodeSingleAsync(answer.Result!).ConfigureAwait(false) : answer.Result;
        return new() { ResultType = QueryResultType.Answered, Answer = new Payloads { Payloads_ = { payload } } };
    }

    private Task<Failure> FailureOfAsync(string workflowId, Exception exception) => runtime.Settings.DataConverter
        .WithSerializationContext(new ISerializationContext.Workflow(context.Namespace, workflowId))
        .ToFailureAsync(exception);

    private async Task IgnoringLossAsync(Func<Task> send, string what)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            // The server runs the task again when its time is over.
            logger.Log(e.Code == RpcException.StatusCode.NotFound ? LogLevel.Debug : LogLevel.Warning, e, "Server did not take {What}", what);
        }
    }
}
