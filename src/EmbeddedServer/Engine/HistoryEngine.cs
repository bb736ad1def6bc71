using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History;
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

namespace Onramp.EmbeddedServer.Engine;

/// <summary>
/// Everything that happens to workflow executions, put together. One writer a workflow id: each part loads the run, decides, commits, and
/// only then answers and dispatches. Requests come validated and normalised by <c>Frontend</c> (presence, lengths, policies, payload sizes,
/// search attributes); what depends on a run's state is checked here. All failures are <see cref="RefusalException"/>.
/// </summary>
public sealed partial class HistoryEngine : IDisposable
{
    private static readonly TimeSpan RecoveryRetryInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource recovering = new();
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private int disposed;
    private readonly ExecutionRunner runner;
    private readonly WakeUpQueue wakeUps;
    private readonly WakeUpHandler wakeUpHandler;
    private readonly InboxDispatcher inboxes;

    /// <param name="ids">Where ids come from; random ones unless a test seeds them.</param>
    public HistoryEngine(
        IStore store, IMatching matching, ISearchAttributeTypes types, TimeProvider time, HistoryEngineOptions options, ILogger<HistoryEngine> logger,
        IIdSource? ids = null)
    {
        options.Validate();
        this.time = time;
        this.logger = logger;
        ids ??= new RandomIdSource(time);
        var reader = new EventReader(store, options);
        var taskMachine = new WorkflowTaskMachine(options, ids);
        var closer = new ExecutionCloser();
        var notifier = new HistoryNotifier();
        wakeUps = new WakeUpQueue(
            time, key => ScheduleNames.ScheduleOf(key) is { } schedule ? Schedules!.WakeAsync(schedule) : wakeUpHandler!.WakeAsync(key));
        var registry = new UpdateRegistry();
        var queries = new QueryRegistry();
        var routes = new QueryRoutes(queries, matching, options, ids);
        var limits = new CommandLimits(options);
        var updateMessages = new UpdateMessages(registry, limits);
        runner = new ExecutionRunner(
            store, matching, new ExecutionCache(store, options), wakeUps, notifier, registry, routes,
            taskMachine, new TransactionRules(options, taskMachine, closer), time, to => inboxes!.Notify(to), logger);
        var taskResponses = new WorkflowTaskResponses(reader, options);
        var activityMachine = new ActivityMachine(options);
        var activityResponses = new ActivityResponses(reader);
        var chain = new RunChain(reader, taskMachine, options, ids);
        var signals = new SignalRecorder(options);
        Queries = new QueryHandler(runner, routes, queries, taskResponses, options, time, ids);
        var replacement = new RunReplacement(closer);
        Starts = new WorkflowStarter(runner, taskMachine, replacement, signals, taskResponses, options, ids);
        var cancels = new CancelRecorder(taskMachine);
        Requests = new ExecutionRequests(runner, signals, cancels, taskMachine, closer);
        WorkflowTasks = new WorkflowTaskHandler(runner, taskMachine, closer, taskResponses, Queries, registry, updateMessages, options, ids);
        var namespaces = new NamespaceLookup(store, options);
        var commands = new CommandTable(
            new ActivityCommands(limits, options),
            new TimerCommands(limits, options),
            new PropertyCommands(limits, options, types),
            new ChildCommands(new ChildCommandRules(limits, types), limits, namespaces, options),
            new ExternalCommands(limits, options, namespaces, ids),
            new ClosingCommands(limits, closer, chain, new ContinueAsNewCommand(limits, options, closer, chain, types)),
            updateMessages);
        Completion = new WorkflowTaskCompletion(
            runner, taskMachine, closer, commands, taskResponses, activityResponses, Queries, registry, updateMessages, options, ids);
        Activities = new ActivityHandler(runner, activityMachine, taskMachine, activityResponses, options, ids);
        ActivityAnswers = new ActivityAnswers(Activities);
        ActivityOperations = new ActivityOperationHandler(runner, new ActivityOperations(reader, ids));
        Resets = new ResetHandler(runner, new ResetRun(reader, taskMachine, options, ids), closer, signals, reader);
        Updates = new UpdateHandler(runner, registry, taskMachine, reader, options, TimeProvider.System);
        UpdatesWithStart = new UpdateWithStarter(runner, Starts, registry, Updates, TimeProvider.System);
        Reads = new HistoryReads(runner, reader, notifier, store);
        wakeUpHandler = new WakeUpHandler(
            runner, wakeUps, new DueWork(activityMachine, taskMachine, closer, chain, new TimerMachine()), time, logger);
        var mail = new MailTable(
            new ChildStarter(store, taskMachine, replacement, options, ids).Rows, new ChildMail(taskMachine, closer, cancels).Rows,
            new ParentMail(taskMachine).Rows, new TargetMail(signals, cancels, taskMachine).Rows, new CallerMail(taskMachine).Rows,
            new ActionMail(store, taskMachine, closer, cancels, options, ids).Rows, new ScheduleMail(store).Rows);
        Schedules = new ScheduleEngine(runner, store, wakeUps, notifier, ids, logger);
        inboxes = new InboxDispatcher(new InboxDelivery(runner, store, mail), options.MaximumConcurrentDeliveries, options.MaximumInboxesInMemory, time, logger);
    }

    /// <summary>What starts workflows at their times.</summary>
    public ScheduleEngine Schedules { get; }

    /// <summary>Starts, alone and with a signal.</summary>
    internal WorkflowStarter Starts { get; }

    /// <summary>What clients ask of a run: signal, cancel, terminate, other options, delete.</summary>
    internal ExecutionRequests Requests { get; }

    /// <summary>New runs at earlier points of old ones.</summary>
    internal ResetHandler Resets { get; }

    /// <summary>Workflow tasks on their way to workers and back, save their completion.</summary>
    internal WorkflowTaskHandler WorkflowTasks { get; }

    /// <summary>Completions of workflow tasks: commands and messages.</summary>
    internal WorkflowTaskCompletion Completion { get; }

    /// <summary>Activity tasks on their way to workers.</summary>
    internal ActivityHandler Activities { get; }

    /// <summary>What became of activities.</summary>
    internal ActivityAnswers ActivityAnswers { get; }

    /// <summary>What operators do to activities.</summary>
    internal ActivityOperationHandler ActivityOperations { get; }

    internal QueryHandler Queries { get; }

    internal UpdateHandler Updates { get; }

    internal UpdateWithStarter UpdatesWithStart { get; }

    /// <summary>Histories and descriptions.</summary>
    internal HistoryReads Reads { get; }

    /// <summary>
    /// Loads wake-ups and queued tasks after a start of the process. When there are many it goes on with that while others are served
    /// already.
    /// </summary>
    public void Recover()
    {
        if (runner.Recover() is { } next)
        {
            _ = Task.Run(() => RecoverAsync(next, recovering.Token));
        }
    }

    /// <summary>Stops firing timers and dealing with inboxes. What is being decided is finished.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            recovering.Cancel();
            recovering.Dispose();
        }

        wakeUps.Dispose();
        inboxes.Dispose();
    }

    private async Task RecoverAsync(long from, CancellationToken cancellationToken)
    {
        for (long? next = from; next is { } at && !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                next = runner.RecoverRuns(at);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogRecoveryFailed(logger, e);
                await Task.Delay(RecoveryRetryInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                // The store is being closed.
                return;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "What some runs wait for could not be read from the data file; it is tried again")]
    private static partial void LogRecoveryFailed(ILogger logger, Exception exception);

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
}
