using Temporalio.Api.Sdk.V1;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <content>Timers and conditions.</content>
internal sealed partial class WorkflowInstance
{
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<long, TaskCompletionSource> pendingTimers = [];
    private long timerCount;

    public Task DelayWithOptionsAsync(DelayOptions options)
    {
        RequireWritable();
        return outbound.DelayAsync(new(options.Delay, options.CancellationToken, options.Summary));
    }

    public async Task<bool> WaitConditionWithOptionsAsync(WaitConditionOptions options)
    {
        RequireWritable();
        var check = options.ConditionCheck ?? throw new ArgumentException("ConditionCheck is required", nameof(options));
        var token = options.CancellationToken ?? CancellationToken;

        // Never with asynchronous continuations: those of combined tasks would go to the thread pool.
        var source = new TaskCompletionSource();
        var node = conditions.AddLast((check, source));
        using var wait = NoteWait();
        try
        {
            using var registration = token.Register(() => source.TrySetCanceled(token));
            if (options.Timeout is not { } timeout || timeout == Timeout.InfiniteTimeSpan)
            {
                await source.Task.ConfigureAwait(true);
                return true;
            }

            using var ended = new CancellationTokenSource();
            var timer = outbound.DelayAsync(new(timeout, ended.Token, options.TimeoutSummary));
            if (await Task.WhenAny(source.Task, timer).ConfigureAwait(true) == timer)
            {
                await timer.ConfigureAwait(true);
                return false;
            }

            ended.Cancel();
            await source.Task.ConfigureAwait(true);
            return true;
        }
        finally
        {
            if (node.List is not null)
            {
                conditions.Remove(node);
            }
        }
    }

    private async Task StartTimerAsync(Interceptors.DelayAsyncInput input)
    {
        if (input.Delay < TimeSpan.Zero && input.Delay != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException("Delay must not be negative", nameof(input));
        }

        var token = input.CancellationToken ?? CancellationToken;
        token.ThrowIfCancellationRequested();
        var source = new TaskCompletionSource();
        using var wait = NoteWait();
        if (input.Delay == Timeout.InfiniteTimeSpan)
        {
            using var endless = token.Register(() => source.TrySetCanceled(token));
            await source.Task.ConfigureAwait(true);
            return;
        }

        var sequence = ++timerCount;
        var delay = input.Delay < ShortestTimer ? ShortestTimer : input.Delay;
        AddCommand(new StartTimer(sequence, delay, MetadataOf(input.Summary)));
        pendingTimers.Add(sequence, source);
        using var registration = token.Register(() =>
        {
            if (pendingTimers.Remove(sequence))
            {
                AddCommand(new CancelTimer(sequence));
                source.TrySetCanceled(token);
            }
        });
        await source.Task.ConfigureAwait(true);
    }

    private void FireTimer(long sequence)
    {
        if (pendingTimers.Remove(sequence, out var source))
        {
            source.TrySetResult();
        }
    }

    private UserMetadata? MetadataOf(string? summary) =>
        summary is null ? null : new() { Summary = payloadConverter.ToPayload(summary) };
}
