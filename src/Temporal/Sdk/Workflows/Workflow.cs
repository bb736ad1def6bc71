using Microsoft.Extensions.Logging;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>
/// What workflow code has to use instead of clocks, timers, threads, random numbers and loggers of its own. All members but
/// <see cref="InWorkflow" /> need a running workflow.
/// </summary>
public static partial class Workflow
{
    /// <summary>Gets a value indicating whether no signal handler is running. Good to wait for before the workflow ends.</summary>
    public static bool AllHandlersFinished => Context.AllHandlersFinished;

    /// <summary>Gets the token that is cancelled when the workflow is asked to cancel. What gets no token of its own uses this one.</summary>
    public static CancellationToken CancellationToken => Context.CancellationToken;

    /// <summary>Gets a value indicating whether the history is so long that the server suggests to continue as new.</summary>
    public static bool ContinueAsNewSuggested => Context.ContinueAsNewSuggested;

    /// <summary>Gets the build id of the worker that ran, or runs, the current workflow task; empty if unknown.</summary>
    public static string CurrentBuildId => Context.CurrentBuildId;

    /// <summary>Gets the deployment version of the worker that ran, or runs, the current workflow task, if it has one.</summary>
    public static WorkerDeploymentVersion? CurrentDeploymentVersion => Context.CurrentDeploymentVersion;

    /// <summary>Gets or sets Markdown text that tools show as this run's current details.</summary>
    public static string CurrentDetails
    {
        get => Context.CurrentDetails;
        set => Context.CurrentDetails = value;
    }

    /// <summary>Gets the number of events that the history had at the current workflow task.</summary>
    public static int CurrentHistoryLength => Context.CurrentHistoryLength;

    /// <summary>Gets the size in bytes that the history had at the current workflow task.</summary>
    public static int CurrentHistorySize => Context.CurrentHistorySize;

    /// <summary>Gets or sets the handler of queries without a handler of their own. Setting null removes it.</summary>
    public static WorkflowQueryDefinition? DynamicQuery
    {
        get => Context.DynamicQuery;
        set => Context.DynamicQuery = value;
    }

    /// <summary>
    /// Gets or sets the handler of signals without a handler of their own. Setting null removes it; setting a handler gives it the signals
    /// that came before.
    /// </summary>
    public static WorkflowSignalDefinition? DynamicSignal
    {
        get => Context.DynamicSignal;
        set => Context.DynamicSignal = value;
    }

    /// <summary>Gets what this run knows about itself.</summary>
    public static WorkflowInfo Info => Context.Info;

    /// <summary>Gets the instance of the workflow class.</summary>
    public static object Instance => Context.Instance;

    /// <summary>Gets a value indicating whether the caller is workflow code.</summary>
    public static bool InWorkflow => TaskScheduler.Current is IWorkflowContext;

    /// <summary>Gets a logger that is silent while history is replayed and whose lines carry what identifies the run.</summary>
    public static ILogger Logger => Context.Logger;

    /// <summary>Gets the memo, with what <see cref="UpsertMemo" /> changed.</summary>
    public static IReadOnlyDictionary<string, IRawValue> Memo => Context.Memo;

    /// <summary>Gets a meter that is silent while history is replayed.</summary>
    public static MetricMeter MetricMeter => Context.MetricMeter;

    /// <summary>Gets the payload converter.</summary>
    public static IPayloadConverter PayloadConverter => Context.PayloadConverter;

    /// <summary>Gets the query handlers by name. Changing it takes effect at once.</summary>
    public static IDictionary<string, WorkflowQueryDefinition> Queries => Context.Queries;

    /// <summary>Gets the random number generator of this run; a replay draws the same numbers.</summary>
    public static DeterministicRandom Random => Context.Random;

    /// <summary>Gets the signal handlers by name. A new handler gets the signals of its name that came before.</summary>
    public static IDictionary<string, WorkflowSignalDefinition> Signals => Context.Signals;

    /// <summary>Gets the reasons for <see cref="ContinueAsNewSuggested" />.</summary>
    public static IReadOnlyCollection<SuggestContinueAsNewReason> SuggestedContinueAsNewReasons => Context.SuggestedContinueAsNewReasons;

    /// <summary>Gets a value indicating whether the deployment version that this run should move to has changed.</summary>
    public static bool TargetWorkerDeploymentVersionChanged => Context.TargetWorkerDeploymentVersionChanged;

    /// <summary>Gets the search attributes, with what <see cref="UpsertTypedSearchAttributes" /> changed.</summary>
    public static SearchAttributeCollection TypedSearchAttributes => Context.TypedSearchAttributes;

    /// <summary>Gets the time of the current workflow task. It stands still while the task runs.</summary>
    public static DateTime UtcNow => Context.UtcNow;

    internal static IWorkflowContext Context =>
        TaskScheduler.Current as IWorkflowContext ?? throw new InvalidOperationException("Not in workflow");

    /// <summary>Marks a patch as no longer branched on: all runs from before it have ended.</summary>
    /// <param name="patchId">The patch.</param>
    public static void DeprecatePatch(string patchId) => Context.Patch(patchId, deprecated: true);

    /// <summary>
    /// Tells whether to take the changed path of the code: true for runs that get here for the first time, and for replays of such runs.
    /// </summary>
    /// <param name="patchId">Names the change, once and for all.</param>
    /// <returns>Whether to take the changed path.</returns>
    public static bool Patched(string patchId) => Context.Patch(patchId, deprecated: false);

    /// <summary>Makes a random GUID; a replay makes the same.</summary>
    /// <returns>The GUID.</returns>
    public static Guid NewGuid()
    {
        var bytes = new byte[16];
        Random.NextBytes(bytes);
        // Version 4, variant RFC 4122, in the byte order of .NET.
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes);
    }

    /// <summary>Changes the memo.</summary>
    /// <param name="updates">At least one change; no two of the same field.</param>
    /// <exception cref="ArgumentException">There is no change, or two of one field.</exception>
    public static void UpsertMemo(params MemoUpdate[] updates) => Context.UpsertMemo(updates);

    /// <summary>Changes search attributes.</summary>
    /// <param name="updates">At least one change; no two of the same attribute.</param>
    /// <exception cref="ArgumentException">There is no change, or two of one attribute.</exception>
    public static void UpsertTypedSearchAttributes(params SearchAttributeUpdate[] updates) => Context.UpsertTypedSearchAttributes(updates);

    /// <summary>What workflow code seldom needs, and can break determinism with.</summary>
    public static class Unsafe
    {
        /// <summary>Gets a value indicating whether history is being replayed, or a query answered from it.</summary>
        public static bool IsReplaying => Context.IsReplaying;

        /// <summary>Gets a value indicating whether history is being replayed; false in the handler of a query.</summary>
        public static bool IsReplayingHistoryEvents => Context.IsReplayingHistoryEvents;

        /// <summary>Runs code that may start tasks outside of the workflow's scheduler without failing the workflow task.</summary>
        /// <param name="fn">The code; the workflow must not depend on it.</param>
        public static void WithTracingEventListenerDisabled(Action fn) => WithTracingEventListenerDisabled<object?>(() =>
        {
            fn();
            return null;
        });

        /// <summary>Runs code that may start tasks outside of the workflow's scheduler without failing the workflow task.</summary>
        /// <typeparam name="T">Type of the result.</typeparam>
        /// <param name="fn">The code; the workflow must not depend on it.</param>
        /// <returns>The code's result.</returns>
        public static T WithTracingEventListenerDisabled<T>(Func<T> fn) => Context.WithTracingDisabled(fn);
    }
}
