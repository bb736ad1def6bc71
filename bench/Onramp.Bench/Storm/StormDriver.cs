using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Bench;

/// <summary>
/// Asks things of one workflow until they are acknowledged, each time by the same request id (or update id), and notes what was; the first of
/// each kind is asked once only, and nobody knows what came of it when its answer is lost.
/// </summary>
internal sealed class StormDriver(TemporalClient client, string queue, string id, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly WorkflowHandle<StormWorkflow, IReadOnlyList<string>> _handle = client.GetWorkflowHandle<StormWorkflow, IReadOnlyList<string>>(id);
    private readonly List<string> _acknowledged = [];
    private readonly List<string> _unanswered = [];

    /// <summary>The SDK would ask again by itself.</summary>
    private RpcOptions OneAttempt => new() { Retry = false, CancellationToken = cancellationToken };

    /// <summary>What has to be there once.</summary>
    public IReadOnlyList<string> Acknowledged => _acknowledged;

    /// <summary>What may be there, once at most.</summary>
    public IReadOnlyList<string> Unanswered => _unanswered;

    /// <summary>Returns what the workflow has seen.</summary>
    public async Task<IReadOnlyList<string>> DriveAsync()
    {
        await UntilAnsweredAsync(() => client.StartWorkflowAsync((StormWorkflow workflow) => workflow.RunAsync(), new WorkflowOptions(id, queue))).ConfigureAwait(false);

        // What is asked once comes first: while the server is being killed little else gets done, and later no answer is lost.
        await OnceAsync("a signal that may be lost", SignalAsync).ConfigureAwait(false);
        await AcknowledgedAsync("signal", SignalAsync).ConfigureAwait(false);
        await OnceAsync("an update that may be lost", UpdateAsync).ConfigureAwait(false);
        await AcknowledgedAsync("update", UpdateAsync).ConfigureAwait(false);
        await CompleteByHandAsync().ConfigureAwait(false);
        await UntilAnsweredAsync(() => SignalAsync(StormWorkflow.End, [])).ConfigureAwait(false);
        IReadOnlyList<string> seen = [];
        await UntilAnsweredAsync(async () => seen = await _handle.GetResultAsync().ConfigureAwait(false)).ConfigureAwait(false);
        return seen;
    }

    /// <summary>What is wrong about what the workflow has seen.</summary>
    public IEnumerable<string> Check(IReadOnlyList<string> seen)
    {
        var steps = Enumerable.Range(0, StormWorkflow.Activities).Select(StormActivities.Do).ToList();
        foreach (var what in steps.Concat(_acknowledged).Where(what => seen.Count(one => one == what) != 1))
        {
            yield return $"'{what}' was acknowledged and is there {seen.Count(one => one == what)} times";
        }

        foreach (var what in _unanswered.Where(what => seen.Count(one => one == what) > 1))
        {
            yield return $"'{what}' is there more than once";
        }

        foreach (var what in seen.Except(steps).Except(_acknowledged).Except(_unanswered))
        {
            yield return $"nobody asked for '{what}'";
        }

        if (!seen.Where(steps.Contains).SequenceEqual(steps))
        {
            yield return "the steps are out of order";
        }
    }

    private async Task AcknowledgedAsync(string what, Func<string, Task> ask)
    {
        await UntilAnsweredAsync(() => ask(what)).ConfigureAwait(false);
        _acknowledged.Add(what);
    }

    private async Task OnceAsync(string what, Func<string, Task> ask)
    {
        try
        {
            await ask(what).ConfigureAwait(false);
            _acknowledged.Add(what);
        }
        catch (Exception failure) when (IsOfTheStorm(failure))
        {
            _unanswered.Add(what);
        }
    }

    private Task SignalAsync(string what) => SignalAsync(StormWorkflow.Note, [client.Options.DataConverter.PayloadConverter.ToPayload(what)]);

    /// <summary>By hand: the SDK would make a new request id each time.</summary>
    private Task SignalAsync(string name, IReadOnlyCollection<Payload> input) => client.WorkflowService.SignalWorkflowExecutionAsync(
        new SignalWorkflowExecutionRequest
        {
            Namespace = client.Options.Namespace,
            WorkflowExecution = new() { WorkflowId = id },
            SignalName = name,
            Input = new Payloads { Payloads_ = { input } },
            RequestId = $"{id} {name} {string.Join(' ', input.Select(payload => payload.Data.ToStringUtf8()))}",
        },
        OneAttempt);

    private async Task UpdateAsync(string what)
    {
        var answer = await _handle.ExecuteUpdateAsync(
            workflow => workflow.AddAsync(what),
            new WorkflowUpdateOptions { Id = what, Rpc = OneAttempt }).ConfigureAwait(false);
        if (answer != what)
        {
            throw new InvalidOperationException($"the update '{what}' was answered '{answer}'");
        }
    }

    /// <summary>Completes the activity that waits for it. Once it was pending and no longer is, a completion was stored, acknowledged or not.</summary>
    private async Task CompleteByHandAsync()
    {
        var activity = client.GetAsyncActivityHandle(id, "", StormActivities.ByHand);
        var wasPending = false;
        while (true)
        {
            var isPending = await IsPendingAsync().ConfigureAwait(false);
            if (wasPending && !isPending)
            {
                break;
            }

            wasPending = isPending;
            if (isPending && await TryCompleteAsync(activity).ConfigureAwait(false))
            {
                break;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        _acknowledged.Add(StormActivities.ByHand);
    }

    private async Task<bool> TryCompleteAsync(AsyncActivityHandle activity)
    {
        try
        {
            await activity.CompleteAsync(StormActivities.ByHand, new AsyncActivityCompleteOptions { Rpc = OneAttempt }).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (IsOfTheStorm(failure) || failure is RpcException { Code: RpcException.StatusCode.NotFound })
        {
            // It hasn't started yet, or is about to be tried again, or the answer was lost.
            return false;
        }
    }

    private async Task<bool> IsPendingAsync()
    {
        var isPending = false;
        var request = new DescribeWorkflowExecutionRequest { Namespace = client.Options.Namespace, Execution = new() { WorkflowId = id } };
        await UntilAnsweredAsync(async () =>
        {
            var description = await client.WorkflowService.DescribeWorkflowExecutionAsync(request, OneAttempt).ConfigureAwait(false);
            isPending = description.PendingActivities.Any(activity => activity.ActivityId == StormActivities.ByHand);
        }).ConfigureAwait(false);
        return isPending;
    }

    private async Task UntilAnsweredAsync(Func<Task> call)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await call().ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (!isFirst && IsDone(failure))
            {
                // The answer to an earlier attempt was lost.
                return;
            }
            catch (Exception failure) when (IsOfTheStorm(failure) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>It was started, or ended, before.</summary>
    private static bool IsDone(Exception failure) => failure is WorkflowAlreadyStartedException
        || (failure is RpcException { Code: RpcException.StatusCode.NotFound } && failure.Message.Contains("already completed", StringComparison.Ordinal));

    private static bool IsOfTheStorm(Exception failure) => failure is WorkflowUpdateRpcTimeoutOrCanceledException
        || failure is RpcException { Code: not (RpcException.StatusCode.NotFound or RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.AlreadyExists) };
}
