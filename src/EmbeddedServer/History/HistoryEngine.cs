using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.Children;
using Onramp.EmbeddedServer.History.Commands;
using Onramp.EmbeddedServer.History.External;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.Reset;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>The engine's parts put together; each request goes to the one that knows it.</summary>
public sealed class HistoryEngine : IHistoryEngine, IDisposable
{
    private readonly ExecutionRunner runner;
    private readonly WakeUpQueue wakeUps;
    private readonly WakeUpHandler wakeUpHandler;
    private readonly InboxDispatcher inboxes;
    private readonly WorkflowStarter starter;
    private readonly ExecutionRequests requests;
    private readonly WorkflowTaskHandler workflowTasks;
    private readonly WorkflowTaskCompletion completion;
    private readonly ActivityHandler activities;
    private readonly ActivityOperationHandler activityOperations;
    private readonly QueryHandler queries;
    private readonly ResetHandler resets;
    private readonly UpdateHandler updates;
    private readonly UpdateWithStarter updateWithStarter;
    private readonly HistoryReads reads;

    /// <param name="ids">Where ids come from; random ones unless a test seeds them.</param>
    public HistoryEngine(
        IStore store, IMatching matching, ISearchAttributeTypes types, TimeProvider time, HistoryEngineOptions options, ILogger<HistoryEngine> logger,
        IIdSource? ids = null)
    {
        options.Validate();
        ids ??= new RandomIdSource();
        var reader = new EventReader(store, options);
        var taskMachine = new WorkflowTaskMachine(options, ids);
        var closer = new ExecutionCloser(taskMachine);
        var notifier = new HistoryNotifier();
        wakeUps = new WakeUpQueue(
            time, key => ScheduleNames.ScheduleOf(key) is { } schedule ? Schedules!.WakeAsync(schedule) : wakeUpHandler!.WakeAsync(key));
        var registry = new UpdateRegistry();
        var limits = new CommandLimits(options);
        var updateMessages = new UpdateMessages(registry, limits);
        runner = new ExecutionRunner(
            store, matching, new ExecutionCache(store, options), wakeUps, notifier, registry, new TransactionRules(options, taskMachine, closer), time,
            to => inboxes!.Notify(to));
        var taskResponses = new WorkflowTaskResponses(reader, options);
        var activityMachine = new ActivityMachine(options);
        var activityResponses = new ActivityResponses(reader);
        var chain = new RunChain(reader, taskMachine, options, ids);
        var signals = new SignalRecorder(options);
        queries = new QueryHandler(runner, matching, new QueryRegistry(), taskResponses, options, time, ids);
        var replacement = new RunReplacement(closer);
        starter = new WorkflowStarter(runner, taskMachine, replacement, signals, taskResponses, queries, options, ids);
        var cancels = new CancelRecorder(taskMachine);
        requests = new ExecutionRequests(runner, signals, cancels, taskMachine, closer, queries);
        workflowTasks = new WorkflowTaskHandler(runner, taskMachine, closer, taskResponses, queries, registry, updateMessages, ids);
        var namespaces = new NamespaceLookup(store);
        var commands = new CommandTable(
            new ActivityCommands(limits, options, activityMachine),
            new TimerCommands(limits),
            new PropertyCommands(limits, options, types),
            new ChildCommands(new ChildCommandRules(limits, types), limits, namespaces, options),
            new ExternalCommands(limits, options, namespaces, ids),
            new ClosingCommands(limits, closer, chain, new ContinueAsNewCommand(limits, options, closer, chain, types)),
            updateMessages);
        completion = new WorkflowTaskCompletion(
            runner, taskMachine, closer, commands, activityMachine, taskResponses, activityResponses, queries, registry, updateMessages, options, ids);
        activities = new ActivityHandler(runner, activityMachine, taskMachine, activityResponses, options, ids);
        activityOperations = new ActivityOperationHandler(runner, new ActivityOperations(activityMachine, reader, ids));
        resets = new ResetHandler(runner, new ResetRun(reader, taskMachine, options, ids), closer, signals, reader, queries);
        updates = new UpdateHandler(runner, registry, taskMachine, reader, options, TimeProvider.System);
        updateWithStarter = new UpdateWithStarter(runner, starter, registry, updates, TimeProvider.System);
        reads = new HistoryReads(runner, reader, notifier, store);
        wakeUpHandler = new WakeUpHandler(
            runner, wakeUps, new DueWork(activityMachine, taskMachine, closer, chain, new TimerMachine()), queries, time, logger);
        var mail = new MailTable(
            new ChildStarter(store, taskMachine, replacement, options, ids), new ChildMail(taskMachine, closer, cancels), new ParentMail(taskMachine),
            new TargetMail(signals, cancels, taskMachine), new CallerMail(taskMachine),
            new ActionMail(store, taskMachine, closer, cancels, options, ids), new ScheduleMail(store));
        Schedules = new ScheduleEngine(runner, store, wakeUps, ids, logger);
        inboxes = new InboxDispatcher(new InboxDelivery(runner, store, mail, queries), options.MaximumConcurrentDeliveries, time, logger);
    }

    /// <summary>What starts workflows at their times.</summary>
    public ScheduleEngine Schedules { get; }

    public Task RecoverAsync(CancellationToken cancellationToken)
    {
        runner.Recover();
        return Task.CompletedTask;
    }

    public Task<StartWorkflowExecutionResponse> StartWorkflowAsync(NamespaceRef ns, StartWorkflowExecutionRequest request) =>
        starter.StartAsync(ns, request);

    public Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(NamespaceRef ns, SignalWithStartWorkflowExecutionRequest request) =>
        starter.SignalWithStartAsync(ns, request);

    public Task<SignalWorkflowExecutionResponse> SignalAsync(NamespaceRef ns, SignalWorkflowExecutionRequest request) => requests.SignalAsync(ns, request);

    public Task RequestCancelAsync(NamespaceRef ns, RequestCancelWorkflowExecutionRequest request) => requests.RequestCancelAsync(ns, request);

    public Task TerminateAsync(NamespaceRef ns, TerminateWorkflowExecutionRequest request) => requests.TerminateAsync(ns, request);

    public Task<ResetWorkflowExecutionResponse> ResetAsync(NamespaceRef ns, ResetWorkflowExecutionRequest request) => resets.ResetAsync(ns, request);

    public Task<UpdateWorkflowExecutionOptionsResponse> UpdateOptionsAsync(NamespaceRef ns, UpdateWorkflowExecutionOptionsRequest request) =>
        requests.UpdateOptionsAsync(ns, request);

    public Task DeleteAsync(NamespaceRef ns, DeleteWorkflowExecutionRequest request) => requests.DeleteAsync(ns, request);

    public Task<DescribeWorkflowExecutionResponse> DescribeAsync(NamespaceRef ns, DescribeWorkflowExecutionRequest request) =>
        runner.ReadAsync(ns, request.Execution.WorkflowId, request.Execution.RunId, ExecutionDescriber.Describe);

    public Task<PollWorkflowTaskQueueResponse?> StartWorkflowTaskAsync(NamespaceRef ns, QueuedTask task, PollWorkflowTaskQueueRequest poll) =>
        workflowTasks.StartAsync(ns, task, poll);

    public Task<PollWorkflowTaskQueueResponse?> StartQueryTaskAsync(NamespaceRef ns, QueryTask query, PollWorkflowTaskQueueRequest poll) =>
        queries.StartAsync(ns, query, poll);

    public Task<RespondWorkflowTaskCompletedResponse> CompleteWorkflowTaskAsync(NamespaceRef ns, RespondWorkflowTaskCompletedRequest request) =>
        completion.CompleteAsync(ns, request);

    public Task FailWorkflowTaskAsync(NamespaceRef ns, RespondWorkflowTaskFailedRequest request) => workflowTasks.FailAsync(ns, request);

    public Task AbandonWorkflowTaskAsync(NamespaceRef ns, PollWorkflowTaskQueueResponse task) => workflowTasks.AbandonAsync(ns, task);

    public Task CompleteQueryAsync(NamespaceRef ns, RespondQueryTaskCompletedRequest request) => queries.CompleteAsync(ns, request);

    public Task ResetStickyAsync(NamespaceRef ns, ResetStickyTaskQueueRequest request) => workflowTasks.ResetStickyAsync(ns, request);

    public Task<PollActivityTaskQueueResponse?> StartActivityTaskAsync(NamespaceRef ns, QueuedTask task, PollActivityTaskQueueRequest poll) =>
        activities.StartAsync(ns, task, poll);

    public Task AbandonActivityTaskAsync(NamespaceRef ns, PollActivityTaskQueueResponse task) => activities.AbandonAsync(ns, task);

    public Task CompleteActivityAsync(NamespaceRef ns, RespondActivityTaskCompletedRequest request) =>
        activities.CompleteAsync(ns, ByToken(ns, request.TaskToken), request.Result, request.Identity);

    public Task CompleteActivityByIdAsync(NamespaceRef ns, RespondActivityTaskCompletedByIdRequest request) =>
        activities.CompleteAsync(ns, ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId), request.Result, request.Identity);

    public async Task<RespondActivityTaskFailedResponse> FailActivityAsync(NamespaceRef ns, RespondActivityTaskFailedRequest request)
    {
        await activities.FailAsync(ns, ByToken(ns, request.TaskToken), request.Failure, request.LastHeartbeatDetails, request.Identity).ConfigureAwait(false);
        return new RespondActivityTaskFailedResponse();
    }

    public async Task<RespondActivityTaskFailedByIdResponse> FailActivityByIdAsync(NamespaceRef ns, RespondActivityTaskFailedByIdRequest request)
    {
        var activity = ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId);
        await activities.FailAsync(ns, activity, request.Failure, request.LastHeartbeatDetails, request.Identity).ConfigureAwait(false);
        return new RespondActivityTaskFailedByIdResponse();
    }

    public Task CancelActivityAsync(NamespaceRef ns, RespondActivityTaskCanceledRequest request) =>
        activities.CancelAsync(ns, ByToken(ns, request.TaskToken), request.Details, request.Identity);

    public Task CancelActivityByIdAsync(NamespaceRef ns, RespondActivityTaskCanceledByIdRequest request) =>
        activities.CancelAsync(ns, ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId), request.Details, request.Identity);

    public Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(NamespaceRef ns, RecordActivityTaskHeartbeatRequest request) =>
        activities.HeartbeatAsync(ns, ByToken(ns, request.TaskToken), request.Details, request.Identity);

    public async Task<RecordActivityTaskHeartbeatByIdResponse> HeartbeatByIdAsync(NamespaceRef ns, RecordActivityTaskHeartbeatByIdRequest request)
    {
        var activity = ActivityReference.ById(request.WorkflowId, request.RunId, request.ActivityId);
        var answer = await activities.HeartbeatAsync(ns, activity, request.Details, request.Identity).ConfigureAwait(false);
        return new RecordActivityTaskHeartbeatByIdResponse
        {
            CancelRequested = answer.CancelRequested,
            ActivityPaused = answer.ActivityPaused,
            ActivityReset = answer.ActivityReset,
        };
    }

    public Task PauseActivityAsync(NamespaceRef ns, PauseActivityRequest request) => activityOperations.PauseAsync(ns, request);

    public Task UnpauseActivityAsync(NamespaceRef ns, UnpauseActivityRequest request) => activityOperations.UnpauseAsync(ns, request);

    public Task ResetActivityAsync(NamespaceRef ns, ResetActivityRequest request) => activityOperations.ResetAsync(ns, request);

    public Task<UpdateActivityOptionsResponse> UpdateActivityOptionsAsync(NamespaceRef ns, UpdateActivityOptionsRequest request) =>
        activityOperations.UpdateOptionsAsync(ns, request);

    public Task<QueryWorkflowResponse> QueryAsync(NamespaceRef ns, QueryWorkflowRequest request, CancellationToken cancellationToken) =>
        queries.QueryAsync(ns, request, cancellationToken);

    public Task<UpdateWorkflowExecutionResponse> UpdateAsync(
        NamespaceRef ns, UpdateWorkflowExecutionRequest request, TimeSpan hold, CancellationToken cancellationToken) =>
        updates.UpdateAsync(ns, request, hold, cancellationToken);

    public Task<PollWorkflowExecutionUpdateResponse> PollUpdateAsync(
        NamespaceRef ns, PollWorkflowExecutionUpdateRequest request, TimeSpan hold, CancellationToken cancellationToken) =>
        updates.PollAsync(ns, request, hold, cancellationToken);

    public Task<ExecuteMultiOperationResponse> UpdateWithStartAsync(
        NamespaceRef ns, StartWorkflowExecutionRequest start, UpdateWorkflowExecutionRequest update, TimeSpan hold, CancellationToken cancellationToken) =>
        updateWithStarter.ExecuteAsync(ns, start, update, hold, cancellationToken);

    public Task<HistorySlice> ReadHistoryAsync(NamespaceRef ns, string workflowId, string runId, long fromEventId, int maximumEvents) =>
        reads.ReadAsync(ns, workflowId, runId, fromEventId, maximumEvents);

    public Task<HistorySlice> ReadHistoryReverseAsync(NamespaceRef ns, string workflowId, string runId, long throughEventId, int maximumEvents) =>
        reads.ReadReverseAsync(ns, workflowId, runId, throughEventId, maximumEvents);

    public Task WaitForHistoryAsync(ExecutionKey key, long nextEventId, CancellationToken cancellationToken) =>
        reads.WaitAsync(key, nextEventId, cancellationToken);

    public ExecutionKey Resolve(NamespaceRef ns, string workflowId, string runId) => reads.Resolve(ns, workflowId, runId);

    /// <summary>Stops firing timers and dealing with inboxes. What is being decided is finished.</summary>
    public void Dispose()
    {
        wakeUps.Dispose();
        inboxes.Dispose();
    }

    /// <summary>Waits for the wake-ups that are being decided, and until nothing is left in inboxes that could be dealt with.</summary>
    internal async Task DrainAsync()
    {
        await wakeUps.WhenIdleAsync().ConfigureAwait(false);
        await inboxes.DrainAsync().ConfigureAwait(false);
    }

    /// <summary>Lets time be skipped. To be asked for before anything is under way.</summary>
    /// <param name="isServed">Whether a queue's tasks will be polled for.</param>
    internal TimeSkipper CreateSkipper(SkippingTimeProvider time, Func<QueueKey, bool> isServed, TimeProvider wallClock)
    {
        var change = new Pulse();
        var work = new WorkUnderWay(isServed, change.Beat, wallClock);
        runner.Work = work;
        wakeUps.Done = change.Beat;
        inboxes.Done = change.Beat;
        return new TimeSkipper(time, wakeUps, () => inboxes.IsQuiet, work, change, wallClock);
    }

    private static ActivityReference ByToken(NamespaceRef ns, Google.Protobuf.ByteString token) =>
        ActivityReference.ByToken(TaskToken.Parse(token, TaskTokenKind.Activity, ns));
}
