using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Update.V1;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>
/// The updates that are waited for, by run, in the order in which they came. Changed under the lease of the workflow id, after the commit of
/// what changes them.
/// </summary>
internal sealed class UpdateRegistry
{
    /// <summary>What an update takes besides what was asked.</summary>
    private const int UpdateBytes = 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<ExecutionKey, List<PendingUpdate>> waiting = [];
    private readonly UnseenUpdates unseen = new();
    private long bytes;

    /// <summary>About what the updates of all runs take that no worker has accepted: they stand in no event, and so in no file.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>About what such an update takes in memory.</summary>
    public static long BytesOf(Request? request) => request is null ? 0 : UpdateBytes + request.CalculateSize();

    public PendingUpdate? Find(ExecutionKey key, string id)
    {
        lock (gate)
        {
            return waiting.TryGetValue(key, out var updates) ? updates.Find(update => update.Id == id) : unseen.Find(key, id);
        }
    }

    public void Add(ExecutionKey key, PendingUpdate update)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var updates))
            {
                waiting.Add(key, updates = []);
            }

            updates.Add(update);
            bytes += BytesOf(update.Request);
        }
    }

    public void Remove(ExecutionKey key, PendingUpdate update)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var updates) || !updates.Remove(update))
            {
                return;
            }

            bytes -= BytesOf(update.Request);
            if (updates.Count == 0)
            {
                waiting.Remove(key);
            }
        }
    }

    public IReadOnlyList<PendingUpdate> Select(ExecutionKey key, UpdateStatus status)
    {
        lock (gate)
        {
            return waiting.TryGetValue(key, out var updates) ? updates.FindAll(update => update.Status == status) : [];
        }
    }

    /// <summary>Whether something waits for a workflow task to go with.</summary>
    /// <param name="answered">What is being answered at this moment. Default: nothing.</param>
    public bool HasUnsent(ExecutionKey key, IReadOnlySet<string>? answered = null) =>
        Select(key, UpdateStatus.Admitted).Any(update => answered?.Contains(update.Id) != true);

    /// <summary>Those that go with the workflow task that has just been started.</summary>
    public IReadOnlyList<PendingUpdate> Send(ExecutionKey key)
    {
        var updates = Select(key, UpdateStatus.Admitted);
        foreach (var update in updates)
        {
            update.Take(UpdateTrigger.Send);
        }

        return updates;
    }

    /// <param name="isLast">Whether it was not completed in the same decision.</param>
    public void Accept(ExecutionKey key, string id, bool isLast)
    {
        lock (gate)
        {
            if (Find(key, id) is { } update)
            {
                bytes -= BytesOf(update.Request);
                update.Accept(isLast);
            }
        }
    }

    /// <summary>
    /// Completes or rejects one. History goes on to say of one that a reset carried over that it is admitted: that it was rejected is known as long as nothing
    /// is forgotten.
    /// </summary>
    public void End(ExecutionKey key, string id, UpdateTrigger trigger, Outcome outcome)
    {
        if (Find(key, id) is { } update)
        {
            update.Complete(trigger, outcome);
            if (update.Request is not null || trigger != UpdateTrigger.Reject)
            {
                Remove(key, update);
            }
        }
    }

    /// <summary>The worker's answer could not be carried out: who sent an update with its task is told so.</summary>
    public void AbortSent(ExecutionKey key, Exception reason)
    {
        foreach (var update in Select(key, UpdateStatus.Sent))
        {
            Remove(key, update);
            update.Abort(reason);
        }
    }

    /// <summary>Nothing is known any more of what went with tasks: what was not accepted waits for the next one, also what a reset has carried over.</summary>
    public void StartOver(ExecutionState state)
    {
        Recall(state.Key);
        foreach (var (id, update) in state.Updates)
        {
            var known = Find(state.Key, id);
            if (known is { Status: UpdateStatus.Over })
            {
                Remove(state.Key, known);
                known = null;
            }

            if (!update.IsAccepted && known is null)
            {
                Add(state.Key, new PendingUpdate(id, null, UpdateStatus.Admitted));
            }
        }
    }

    /// <summary>Those that are with a worker's task wait for the next one.</summary>
    private void Recall(ExecutionKey key)
    {
        foreach (var update in Select(key, UpdateStatus.Sent))
        {
            update.Take(UpdateTrigger.Recall);
        }
    }

    /// <summary>Follows a run after a commit: what was with a task that is gone waits for the next; a closed run has no more answers.</summary>
    public void Follow(ExecutionState state, bool continues)
    {
        var key = state.Key;
        if (state.IsOpen)
        {
            if (!state.Task.IsStarted)
            {
                Recall(key);
            }

            return;
        }

        Drop(key, new UpdateUnseenException(continues));
    }

    /// <summary>Forgets of a run that is closed which updates it has not looked at.</summary>
    public void ForgetUnseen(ExecutionKey key)
    {
        lock (gate)
        {
            unseen.Forget(key);
        }
    }

    /// <summary>Forgets a run; of one that ends for good it is known for a while which updates it has not looked at.</summary>
    public void Drop(ExecutionKey key, Exception reason)
    {
        List<PendingUpdate>? left;
        lock (gate)
        {
            waiting.Remove(key, out left);
            bytes -= left?.Sum(update => BytesOf(update.Request)) ?? 0;
            if (reason is UpdateUnseenException { Continues: false })
            {
                // Of those that are over, a rejection is all that is known: their admission stands in an event.
                unseen.Keep(key, left?.FindAll(update => update.Status != UpdateStatus.Accepted) ?? []);
            }
            else
            {
                unseen.Forget(key);
            }
        }

        foreach (var update in left?.Where(update => update.Status != UpdateStatus.Over) ?? [])
        {
            if (update.Status == UpdateStatus.Accepted)
            {
                update.Complete(UpdateTrigger.Complete, new Outcome { Failure = WorkflowCompletedFirst() });
            }
            else
            {
                update.Abort(reason);
            }
        }
    }

    /// <summary>What became of an update that was accepted and whose workflow ended before it did.</summary>
    public static Failure WorkflowCompletedFirst() => new()
    {
        Message = "Workflow Update failed because the Workflow completed before the Update completed.",
        Source = "Server",
        ApplicationFailureInfo = new ApplicationFailureInfo { Type = "AcceptedUpdateCompletedWorkflow", NonRetryable = true },
    };
}
