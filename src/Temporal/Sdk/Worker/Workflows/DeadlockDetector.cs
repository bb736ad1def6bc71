using System.Diagnostics;
using Temporalio.Exceptions;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker.Workflows;

/// <summary>
/// Runs steps of workflow code on threads that nobody waits for: code that blocks fails its task, and keeps its thread to itself.
/// </summary>
internal static class DeadlockDetector
{
    /// <summary>How long a step may take before it counts as blocked.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Runs a step.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="activation">The step.</param>
    /// <param name="timeout">How long it may take, not counting the wait for a thread.</param>
    /// <exception cref="InvalidWorkflowOperationException">The step took too long; it may still be running.</exception>
    public static async Task<ActivationResult> RunAsync(WorkflowInstance instance, Activation activation, TimeSpan timeout)
    {
        long started = 0;
        var step = Task.Run(() =>
        {
            Volatile.Write(ref started, Stopwatch.GetTimestamp());
            return instance.Activate(activation);
        });
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return await step.ConfigureAwait(false);
        }

        var patience = timeout;
        while (true)
        {
            try
            {
                return await step.WaitAsync(patience).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!step.IsCompleted)
            {
                var at = Volatile.Read(ref started);
                patience = at == 0 ? timeout : timeout - Stopwatch.GetElapsedTime(at);
                if (patience <= TimeSpan.Zero)
                {
                    throw new InvalidWorkflowOperationException(
                        $"[TMPRL1101] Potential deadlock detected: workflow didn't yield within {timeout.TotalSeconds:0.###} second(s)");
                }
            }
        }
    }
}
