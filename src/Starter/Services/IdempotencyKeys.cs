using Onramp.Workflows.Contracts;
using Temporalio.Client;

namespace Onramp.Starter.Services;

/// <summary>A run that a key was used for, and what was asked with it.</summary>
internal sealed record KeyedRun(string WorkflowId, string RunId, string RequestDigest);

/// <summary>
/// Finds the run of an idempotency key: durable truth is the run's search attribute. Visibility may lag behind a start, so the
/// last keys are remembered here too, and calls with the same key take turns.
/// </summary>
internal sealed class IdempotencyKeys(ITemporalClient client) : IDisposable
{
    private const int RememberedKeys = 10_000;
    private const int Stripes = 64;

    private readonly SemaphoreSlim[] turns = Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1)).ToArray();
    private readonly Dictionary<string, KeyedRun> runs = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Waits for its turn; dispose what is returned when done with the key.</summary>
    public async Task<IDisposable> TakeTurnAsync(string keyDigest, CancellationToken cancellationToken)
    {
        var turn = turns[(uint)keyDigest.GetHashCode(StringComparison.Ordinal) % Stripes];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    public async Task<KeyedRun?> FindAsync(string keyDigest, CancellationToken cancellationToken)
    {
        lock (runs)
        {
            if (runs.TryGetValue(keyDigest, out var remembered))
                return remembered;
        }
        var query = $"{OnboardingSearchAttributes.IdempotencyKey} = '{keyDigest}' AND WorkflowType = '{OnboardingContract.WorkflowType}'";
        var page = await client.ListWorkflowsPaginatedAsync(query, nextPageToken: null, new WorkflowListPaginatedOptions
        {
            PageSize = 1,
            Rpc = new RpcOptions { CancellationToken = cancellationToken },
        });
        if (page.Workflows.FirstOrDefault() is not { } execution)
            return null;
        var run = new KeyedRun(execution.Id, execution.RunId, await MemoReader.TextAsync(execution.Memo, ServiceMemo.RequestDigest));
        Remember(keyDigest, run);
        return run;
    }

    public void Remember(string keyDigest, KeyedRun run)
    {
        lock (runs)
        {
            if (!runs.TryAdd(keyDigest, run))
                return;
            order.Enqueue(keyDigest);
            if (order.Count > RememberedKeys)
                runs.Remove(order.Dequeue());
        }
    }

    public void Dispose()
    {
        foreach (var turn in turns)
            turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
