using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>
/// Deals with what waits in an inbox. A message is removed by the commit that carries out what it asks for, so it is dealt with exactly once,
/// and after everything that its sender left there before.
/// </summary>
internal sealed class InboxDelivery(ExecutionRunner runner, IStore store, MailTable table)
{
    private const int MaximumMessages = 100;
    private const int MaximumBytes = 4 * 1024 * 1024;

    /// <summary>Inboxes that have something, so many at most: the first ones, or those after one.</summary>
    public IReadOnlyList<WorkflowKey> ReadInboxes(WorkflowKey? after, int count) => store.ReadInboxes(after, count);

    /// <summary>Deals with the first messages, as many as it can in one commit.</summary>
    /// <returns>Whether there were any; then there may be more.</returns>
    public async Task<bool> DeliverAsync(WorkflowKey to)
    {
        using var lease = await runner.LeaseAsync(to.NamespaceId, to.WorkflowId).ConfigureAwait(false);
        var rows = store.ReadInbox(to, MaximumMessages, MaximumBytes);
        for (var next = 0; next < rows.Count;)
        {
            next += await DealAsync(lease, rows, next, rows.Count).ConfigureAwait(false);
        }

        return rows.Count > 0;
    }

    /// <summary>Deals with each of the first messages by itself, so that one that can't be dealt with holds up only what its sender sent after it.</summary>
    /// <exception cref="Exception">What went wrong with the first that could not be dealt with.</exception>
    public async Task DeliverSinglyAsync(WorkflowKey to)
    {
        using var lease = await runner.LeaseAsync(to.NamespaceId, to.WorkflowId).ConfigureAwait(false);
        var rows = store.ReadInbox(to, MaximumMessages, MaximumBytes);
        var stuck = new HashSet<StoredSender>();
        Exception? first = null;
        for (var index = 0; index < rows.Count; index++)
        {
            var sender = StoredMessage.Parser.ParseFrom(rows[index].Data).From;
            if (stuck.Contains(sender))
            {
                continue;
            }

            try
            {
                await DealAsync(lease, rows, index, index + 1).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                stuck.Add(sender);
                first ??= e;
            }
        }

        if (first is not null)
        {
            throw new InvalidOperationException($"A message to workflow '{to.WorkflowId}' could not be dealt with: {first.Message}", first);
        }
    }

    /// <returns>How many of them were dealt with.</returns>
    private async Task<int> DealAsync(ExecutionCache.Lease lease, IReadOnlyList<InboxRow> rows, int from, int end)
    {
        while (true)
        {
            try
            {
                return await DecideAsync(lease, rows, from, end).ConfigureAwait(false);
            }
            catch (StoreConditionException)
            {
                // What it went by is no longer so. That it is something else can be read by now.
            }
        }
    }

    private async Task<int> DecideAsync(ExecutionCache.Lease lease, IReadOnlyList<InboxRow> rows, int from, int end)
    {
        var round = new MailRound(runner, lease);
        var next = from;
        try
        {
            for (var last = false; next < end && !last; next++)
            {
                var message = StoredMessage.Parser.ParseFrom(rows[next].Data);
                var row = table.Find(message);
                if (row.Alone && next > from)
                {
                    break;
                }

                row.Deal(round, message);
                round.Take(rows[next]);
                last = row.Alone;
            }
        }
        catch
        {
            lease.Discard();
            throw;
        }

        await round.CommitAsync().ConfigureAwait(false);
        return next - from;
    }
}
