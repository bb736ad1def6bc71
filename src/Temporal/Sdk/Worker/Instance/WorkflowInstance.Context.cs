using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <content>What <see cref="Workflow" /> shows to the code.</content>
internal sealed partial class WorkflowInstance
{
    private readonly HashSet<string> patchesInHistory = [];
    private readonly Dictionary<string, bool> patchDecisions = [];

    public CancellationToken CancellationToken => cancellation.Token;

    public bool ContinueAsNewSuggested => activation.ContinueAsNewSuggested;

    public IReadOnlyCollection<Temporalio.Workflows.SuggestContinueAsNewReason> SuggestedContinueAsNewReasons =>
        [.. activation.SuggestedReasons.Select(reason => (Temporalio.Workflows.SuggestContinueAsNewReason)(int)reason)];

    public WorkerDeploymentVersion? CurrentDeploymentVersion =>
        activation.DeploymentVersion is { DeploymentName.Length: > 0 } version ? version : null;

    public string CurrentBuildId => activation.DeploymentVersion?.BuildId ?? string.Empty;

    public string CurrentDetails { get; set; } = string.Empty;

    public int CurrentHistoryLength => activation.HistoryLength;

    public int CurrentHistorySize => activation.HistorySizeBytes;

    public WorkflowInfo Info { get; }

    public object Instance => instance ?? throw new InvalidOperationException("The workflow instance is still being created");

    public bool IsReplaying => activation.IsReplaying;

    public bool IsReplayingHistoryEvents => activation.IsReplaying && !activation.IsQueryOnly;

    public ILogger Logger { get; }

    public IReadOnlyDictionary<string, IRawValue> Memo => memo;

    public MetricMeter MetricMeter { get; }

    public IPayloadConverter PayloadConverter => payloadConverter;

    public DeterministicRandom Random { get; private set; }

    public bool TargetWorkerDeploymentVersionChanged => activation.TargetDeploymentVersionChanged;

    public SearchAttributeCollection TypedSearchAttributes => searchAttributes;

    public DateTime UtcNow => activation.Timestamp;

    public bool Patch(string patchId, bool deprecated)
    {
        RequireWritable();
        if (!patchDecisions.TryGetValue(patchId, out var taken))
        {
            taken = patchesInHistory.Contains(patchId)
                || (!activation.IsReplaying && (deprecated || settings.PatchActivation?.Invoke(new(Info, patchId)) != false));
            patchDecisions.Add(patchId, taken);
            if (taken)
            {
                AddCommand(new SetPatchMarker(patchId, deprecated));
            }
        }

        return taken;
    }

    public void UpsertMemo(IReadOnlyCollection<MemoUpdate> updates)
    {
        RequireWritable();
        RequireDistinct(updates, update => update.UntypedKey);
        var upserted = new Memo();
        foreach (var update in updates)
        {
            var payload = payloadConverter.ToPayload(update.HasValue ? update.UntypedValue : null);
            upserted.Fields.Add(update.UntypedKey, payload);
            if (update.HasValue && update.UntypedValue is not null)
            {
                memo[update.UntypedKey] = new RawValue(payload);
            }
            else
            {
                memo.Remove(update.UntypedKey);
            }
        }

        AddCommand(new ModifyProperties(new() { UpsertedMemo = upserted }));
    }

    public void UpsertTypedSearchAttributes(IReadOnlyCollection<SearchAttributeUpdate> updates)
    {
        RequireWritable();
        RequireDistinct(updates, update => update.UntypedKey.Name);
        var upserted = new SearchAttributes();
        var builder = new SearchAttributeCollection.Builder(searchAttributes);
        foreach (var update in updates)
        {
            var key = update.UntypedKey;
            upserted.IndexedFields.Add(
                key.Name, update.HasValue ? SearchAttributePayloads.Encode(key, update.UntypedValue) : SearchAttributePayloads.EncodeUnset(key));
            _ = update.HasValue ? builder.SetUntyped(key, update.UntypedValue) : builder.Unset(key);
        }

        searchAttributes = builder.ToSearchAttributeCollection();
        AddCommand(new UpsertSearchAttributes(new() { SearchAttributes = upserted }));
    }

    private static void RequireDistinct<T>(IReadOnlyCollection<T> updates, Func<T, string> name)
    {
        if (updates.Count == 0)
        {
            throw new ArgumentException("At least one update required", nameof(updates));
        }

        if (updates.Select(name).Distinct(StringComparer.Ordinal).Count() != updates.Count)
        {
            throw new ArgumentException("Two updates of the same key", nameof(updates));
        }
    }
}
