using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>
/// The messages of one inbox that are dealt with in one commit: what they do to the runs of this workflow id, what is answered, and that they
/// are taken. Needs the lease.
/// </summary>
internal sealed class MailRound(ExecutionRunner runner, ExecutionCache.Lease lease)
{
    private readonly Dictionary<string, ExecutionTransaction> changed = [];
    private readonly List<ExecutionTransaction> order = [];
    private readonly List<OutgoingMessage> answers = [];
    private readonly List<InboxRow> taken = [];
    private readonly List<RunCondition> conditions = [];

    public WorkflowKey Key => lease.Key;

    public DateTimeOffset Now => runner.Now;

    public ExecutionState? Current => lease.CurrentRunId is { } runId ? Find(runId) : null;

    public IReadOnlyList<ExecutionTransaction> Decided => order;

    /// <summary>The decision about the schedule whose inbox this is; null as long as no message was for one.</summary>
    public IScheduleDecision? Schedule { get; set; }

    /// <summary>The run as it is after the messages so far, or null.</summary>
    public ExecutionState? Find(string runId) => lease.Find(runId);

    /// <summary>
    /// A run of another workflow id. Nobody keeps it from closing meanwhile; so when it is found open, this round is committed only if it still is
    /// by then, and else decided again.
    /// </summary>
    public ExecutionRow? FindElsewhere(ExecutionKey key)
    {
        var row = runner.FindElsewhere(key);
        if (row is { Status: WorkflowExecutionStatus.Running })
        {
            conditions.Add(new RunCondition(key, row.Status));
        }

        return row;
    }

    /// <summary>The decision about a run; the same one for all messages of this round.</summary>
    public ExecutionTransaction Change(ExecutionState state)
    {
        if (!changed.TryGetValue(state.Key.RunId, out var tx))
        {
            tx = new ExecutionTransaction(state, Now);
            changed.Add(state.Key.RunId, tx);
            order.Add(tx);
        }

        return tx;
    }

    /// <summary>Adds a run that begins. Messages that mean the current run still mean the one before.</summary>
    public void Begin(ExecutionTransaction tx) => order.Add(tx);

    public void Answer(StoredSender to, StoredMessage message) => answers.Add(OutgoingMessage.Answer(to, Key, message));

    /// <summary>A message is refused by a run that has closed, as a call would be.</summary>
    public void Refuse(ExecutionState closed) => runner.ForgetUnseen(closed.Key);

    /// <summary>The message has been dealt with.</summary>
    public void Take(InboxRow row) => taken.Add(row);

    public Task CommitAsync() => runner.CommitAsync(lease, [.. order.Where(tx => tx.IsTouched)], answers, taken, Schedule, conditions);
}
