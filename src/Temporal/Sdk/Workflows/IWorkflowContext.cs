using Microsoft.Extensions.Logging;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>
/// What <see cref="Workflow" /> speaks to: the running instance. It is found through the current task scheduler, so it exists exactly
/// where workflow code runs.
/// </summary>
internal interface IWorkflowContext
{
    bool AllHandlersFinished { get; }

    CancellationToken CancellationToken { get; }

    bool ContinueAsNewSuggested { get; }

    IReadOnlyCollection<SuggestContinueAsNewReason> SuggestedContinueAsNewReasons { get; }

    WorkerDeploymentVersion? CurrentDeploymentVersion { get; }

    string CurrentBuildId { get; }

    string CurrentDetails { get; set; }

    int CurrentHistoryLength { get; }

    int CurrentHistorySize { get; }

    WorkflowQueryDefinition? DynamicQuery { get; set; }

    WorkflowSignalDefinition? DynamicSignal { get; set; }

    WorkflowInfo Info { get; }

    object Instance { get; }

    bool IsReplaying { get; }

    bool IsReplayingHistoryEvents { get; }

    ILogger Logger { get; }

    IReadOnlyDictionary<string, IRawValue> Memo { get; }

    MetricMeter MetricMeter { get; }

    IPayloadConverter PayloadConverter { get; }

    IDictionary<string, WorkflowQueryDefinition> Queries { get; }

    DeterministicRandom Random { get; }

    IDictionary<string, WorkflowSignalDefinition> Signals { get; }

    bool TargetWorkerDeploymentVersionChanged { get; }

    SearchAttributeCollection TypedSearchAttributes { get; }

    DateTime UtcNow { get; }

    Task DelayWithOptionsAsync(DelayOptions options);

    Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options);

    bool Patch(string patchId, bool deprecated);

    void UpsertMemo(IReadOnlyCollection<MemoUpdate> updates);

    void UpsertTypedSearchAttributes(IReadOnlyCollection<SearchAttributeUpdate> updates);

    Task<bool> WaitConditionWithOptionsAsync(WaitConditionOptions options);

    T WithTracingDisabled<T>(Func<T> function);
}
