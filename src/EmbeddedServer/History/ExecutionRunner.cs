using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History.Commands;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>
/// The one way to change a run: lease, load, decide, commit, act. A decision that throws changes nothing; one whose commit fails is forgotten,
/// and the run is read again from the store.
/// </summary>
internal sealed partial class ExecutionRunner(
    IStore store, IMatching matching, ExecutionCache cache, WakeUpQueue wakeUps, HistoryNotifier notifier, UpdateRegistry updates, QueryRoutes queries,
    WorkflowTaskMachine workflowTasks, TransactionRules rules, TimeProvider time, Action<WorkflowKey> mailArrived, ILogger logger)
{
    /// <summary>How many runs a start of the process looks at in one go.</summary>
    private const int RunsRecoveredAtOnce = 10_000;

    private const int InboxesRecoveredAtOnce = 10_000;

    /// <summary>Where it is told what runs expect from workers. Default: nowhere.</summary>
    public WorkUnderWay? Work { get; set; }

    public DateTimeOffset Now => time.GetUtcNow();

    public ValueTask<ExecutionCache.Lease> LeaseAsync(string namespaceId, string workflowId) => cache.AcquireAsync(namespaceId, workflowId);

    /// <summary>Decides about one run, and commits.</summary>
    public async Task<T> UpdateAsync<T>(NamespaceRef ns, string workflowId, string runId, Func<ExecutionTransaction, T> decide)
    {
        using var lease = await LeaseAsync(ns.Id, workflowId).ConfigureAwait(false);
        var state = Load(lease, workflowId, runId);
        return await UpdateAsync(lease, state, decide).ConfigureAwait(false);
    }

    /// <exception cref="RefusalException">
    /// What the decision throws; or INVALID_ARGUMENT: the run would have had too much of something, and has ended for that.
    /// </exception>
    public async Task<T> UpdateAsync<T>(ExecutionCache.Lease lease, ExecutionState state, Func<ExecutionTransaction, T> decide)
    {
        var tx = new ExecutionTransaction(state, Now);
        T result;
        try
        {
            result = decide(tx);
        }
        catch (Exception e)
        {
            // Whatever it had changed by then is undone by reading the run again.
            lease.Discard();
            if (e is not CommandFailedException)
            {
                await ForgetUnstoredAsync(lease, state.Key).ConfigureAwait(false);
            }

            throw Translate(e);
        }

        if (tx.IsTouched && rules.FindExcess(tx) is { } excess)
        {
            await EndAsync(lease, state.Key, excess).ConfigureAwait(false);
            throw Errors.InvalidArgument(excess);
        }

        if (tx.IsTouched)
        {
            await CommitAsync(lease, tx).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>
    /// A call about the run was refused. Temporal's server forgets then what it keeps of a run in memory only: a speculative task is gone, also for
    /// the worker that has it, and those who wait for updates that were not accepted have asked again by the time that anybody looks.
    /// </summary>
    public async Task ForgetUnstoredAsync(ExecutionCache.Lease lease, ExecutionKey key)
    {
        if (lease.Find(key.RunId) is not { IsOpen: true } state)
        {
            ForgetUnseen(key);
            return;
        }

        StartOver(state);
        if (state.Task.IsSpeculative)
        {
            var tx = new ExecutionTransaction(state, Now);
            if (state.Task.IsStarted)
            {
                // Its worker forgets the run when it is told that the task is gone.
                state.Task.ClearSticky();
            }

            WorkflowTaskMachine.Drop(tx);
            if (updates.HasUnsent(key))
            {
                workflowTasks.ScheduleForUpdate(tx);
            }

            await CommitAsync(lease, tx).ConfigureAwait(false);
        }
    }

    /// <summary>The same, of a run that has closed: which updates it has not looked at.</summary>
    public void ForgetUnseen(ExecutionKey key) => updates.ForgetUnseen(key);

    /// <summary>Nothing is known any more of what went with the run's tasks: updates that were not accepted and queries go with the next one.</summary>
    public void StartOver(ExecutionState state)
    {
        updates.StartOver(state);
        queries.StartOver(state.Key);
    }

    public async Task<T> ReadAsync<T>(NamespaceRef ns, string workflowId, string runId, Func<ExecutionState, T> read)
    {
        using var lease = await LeaseAsync(ns.Id, workflowId).ConfigureAwait(false);
        return read(Load(lease, workflowId, runId));
    }

    /// <summary>Commits decisions about runs of one workflow id together, then acts on them.</summary>
    public Task CommitAsync(ExecutionCache.Lease lease, params ExecutionTransaction[] decided) => CommitAsync(lease, decided, [], []);

    /// <summary>The same, of decisions that messages in this workflow id's inbox asked for.</summary>
    /// <param name="answers">What is sent besides what the decisions send.</param>
    /// <param name="taken">The messages.</param>
    /// <param name="schedule">The decision about the schedule that has this inbox, if any.</param>
    /// <param name="conditions">What the decisions took for granted about runs of other workflow ids. Default: nothing.</param>
    /// <exception cref="StoreConditionException">That has changed meanwhile, and nothing is written: decide again.</exception>
    public async Task CommitAsync(
        ExecutionCache.Lease lease, ExecutionTransaction[] decided, IReadOnlyList<OutgoingMessage> answers, IReadOnlyList<InboxRow> taken,
        IScheduleDecision? schedule = null, IReadOnlyList<RunCondition>? conditions = null)
    {
        List<ExecutionTransaction> all = [];
        List<OutgoingMessage> sent = [];
        List<ExecutionWrite> writes;
        try
        {
            foreach (var tx in decided)
            {
                rules.Enforce(tx);
                for (var next = tx; next is not null; next = next.Successor)
                {
                    all.Add(next);
                }
            }

            writes = all.ConvertAll(tx => tx.Finish());
            var row = schedule?.Finish();
            sent = [.. all.SelectMany(tx => tx.Sent), .. answers, .. schedule?.Sent ?? []];
            await store.CommitAsync(writes, new InboxWrite(sent.ConvertAll(message => message.ToRow()), taken) { Conditions = conditions ?? [] }, row).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            lease.Discard();
            throw Translate(e);
        }

        // Before anything is taken for done: whoever looks for work under way finds it in one place or the other.
        foreach (var to in sent.Select(message => message.To).Distinct())
        {
            mailArrived(to);
        }

        if (schedule is not null)
        {
            wakeUps.Set(schedule.Key.ToWakeUpKey(), schedule.WakeUpAt);
            notifier.Notify(schedule.Key.ToWakeUpKey());
        }

        foreach (var (tx, write) in all.Zip(writes))
        {
            lease.Keep(tx.State, tx.MakeCurrent, write.UpsertedPending.Sum(row => (long)row.State.Length));
            Act(tx);
        }
    }

    /// <summary>The named run, or the current one.</summary>
    public static ExecutionState Load(ExecutionCache.Lease lease, string workflowId, string runId)
    {
        if (runId.Length == 0)
        {
            var current = lease.CurrentRunId ?? throw Errors.WorkflowNotFound(workflowId);
            return lease.Find(current) ?? throw Errors.WorkflowNotFound(workflowId);
        }

        if (!Guid.TryParseExact(runId, "D", out _))
        {
            throw Errors.InvalidArgument("Invalid RunId.");
        }

        return lease.Find(runId) ?? throw Errors.RunNotFound(workflowId, runId);
    }

    /// <summary>
    /// A run of another workflow id than the lease's, as it is stored. What is decided by it has to be committed on the condition that it still is
    /// so; <see cref="MailRound.FindElsewhere"/> sees to that.
    /// </summary>
    public ExecutionRow? FindElsewhere(ExecutionKey key) => store.FindExecution(key);

    /// <summary>After a start of the process: takes up what schedules and inboxes wait for, and the first so many runs. Where the next ones are.</summary>
    public long? Recover()
    {
        foreach (var (key, at) in store.ReadScheduleWakeUps())
        {
            wakeUps.Set(key.ToWakeUpKey(), at);
        }

        RecoverInboxes();
        return RecoverRuns(WaitingPage.Start);
    }

    private void RecoverInboxes()
    {
        IReadOnlyList<WorkflowKey> keys = [];
        do
        {
            keys = store.ReadInboxes(keys.Count == 0 ? null : keys[^1], InboxesRecoveredAtOnce);
            foreach (var key in keys)
            {
                mailArrived(key);
            }
        }
        while (keys.Count == InboxesRecoveredAtOnce);
    }

    /// <summary>Takes up what so many runs wait for. Where the next ones are; null when these were the last.</summary>
    public long? RecoverRuns(long from)
    {
        var page = store.ReadWaiting(from, RunsRecoveredAtOnce);
        foreach (var wakeUp in page.WakeUps)
        {
            // One that was set since knows better.
            wakeUps.SetIfUnknown(wakeUp.Key, wakeUp.At);
        }

        foreach (var task in page.Tasks)
        {
            matching.Add(task);
        }

        return page.Next;
    }

    /// <summary>Removes a run for good.</summary>
    public async Task DeleteAsync(ExecutionCache.Lease lease, ExecutionState state)
    {
        try
        {
            await store.CommitAsync([new ExecutionWrite { Key = state.Key, Delete = true, Status = state.Status, State = [] }]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }
        finally
        {
            lease.Discard();
        }

        wakeUps.Set(state.Key, null);
        Work?.Set(state.Key, new RunWork(WithWorkers: 0, []));
        updates.Drop(state.Key, Errors.WorkflowNotFound(state.Key.WorkflowId));
        queries.Drop(state.Key, Errors.WorkflowNotFound(state.Key.WorkflowId));
        notifier.Notify(state.Key);
    }

    /// <summary>A run that would have too much of something by a decision ends as it was before it.</summary>
    private Task EndAsync(ExecutionCache.Lease lease, ExecutionKey key, string excess)
    {
        lease.Discard();
        var tx = new ExecutionTransaction(lease.Find(key.RunId)!, Now);
        rules.End(tx, excess);
        return CommitAsync(lease, tx);
    }

    private void Act(ExecutionTransaction tx)
    {
        var state = tx.State;
        Work?.Set(state.Key, state.ReadWork());
        wakeUps.Set(state.Key, state.ComputeWakeUp());
        if (tx.DispatchesWorkflowTask && state.WorkflowTaskDispatch is { } dispatch)
        {
            matching.Add(new QueuedTask(state.Key, dispatch));
        }

        foreach (var activity in tx.DispatchedActivities())
        {
            matching.Add(activity);
        }

        tx.RunEffects(e => LogEffectFailed(logger, e, state.Key.WorkflowId, state.Key.RunId));
        updates.Follow(state, continues: tx.Successor is not null);
        queries.Follow(state);
        if (tx.HasNews)
        {
            notifier.Notify(state.Key);
        }
    }

    private static Exception Translate(Exception e) => e switch
    {
        RefusalException or CommandFailedException or StoreConditionException or OperationCanceledException => e,
        StoreStoppedException => new RefusalException(RefusalKind.Unavailable, "the store has stopped", innerException: e),
        StoreConflictException => new RefusalException(RefusalKind.Unavailable, "the run was written by somebody else", innerException: e),
        StoreNamespaceGoneException gone => new RefusalException(
            RefusalKind.NotFound, $"Namespace {gone.NamespaceId} is not found.", new NamespaceNotFoundFailure { Namespace = gone.NamespaceId }, innerException: e),
        _ => new RefusalException(RefusalKind.Internal, e.Message, innerException: e),
    };

    [LoggerMessage(3, LogLevel.Error, "What follows on a decision about workflow {WorkflowId}, run {RunId}, which is stored, could not all be done")]
    private static partial void LogEffectFailed(ILogger logger, Exception exception, string workflowId, string runId);
}
