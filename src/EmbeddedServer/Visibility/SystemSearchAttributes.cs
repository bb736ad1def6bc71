using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>The attributes that every namespace has.</summary>
public static class SystemSearchAttributes
{
    public const string NamespaceDivision = "TemporalNamespaceDivision";

    /// <summary>The builds whose workers a run has had: kept apart from others, as a number for the list of them.</summary>
    public const string BuildIds = "BuildIds";

    /// <summary>What the server itself knows of a run; nobody can set these.</summary>
    public static readonly FrozenDictionary<string, IndexedValueType> System = new Dictionary<string, IndexedValueType>
    {
        ["CloseTime"] = IndexedValueType.Datetime,
        ["ExecutionDuration"] = IndexedValueType.Int,
        ["ExecutionStatus"] = IndexedValueType.Keyword,
        ["ExecutionTime"] = IndexedValueType.Datetime,
        ["HistoryLength"] = IndexedValueType.Int,
        ["HistorySizeBytes"] = IndexedValueType.Int,
        ["ParentRunId"] = IndexedValueType.Keyword,
        ["ParentWorkflowId"] = IndexedValueType.Keyword,
        ["RootRunId"] = IndexedValueType.Keyword,
        ["RootWorkflowId"] = IndexedValueType.Keyword,
        ["RunId"] = IndexedValueType.Keyword,
        ["StartTime"] = IndexedValueType.Datetime,
        ["StateTransitionCount"] = IndexedValueType.Int,
        ["TaskQueue"] = IndexedValueType.Keyword,
        ["WorkflowId"] = IndexedValueType.Keyword,
        ["WorkflowType"] = IndexedValueType.Keyword,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Kept like custom attributes, set by SDKs and other parts of the server.</summary>
    public static readonly FrozenDictionary<string, IndexedValueType> Predefined = new Dictionary<string, IndexedValueType>
    {
        ["BatcherNamespace"] = IndexedValueType.Keyword,
        ["BatcherUser"] = IndexedValueType.Keyword,
        ["BinaryChecksums"] = IndexedValueType.KeywordList,
        [BuildIds] = IndexedValueType.KeywordList,
        [NamespaceDivision] = IndexedValueType.Keyword,
        ["TemporalChangeVersion"] = IndexedValueType.KeywordList,
        ["TemporalPauseInfo"] = IndexedValueType.KeywordList,
        ["TemporalReportedProblems"] = IndexedValueType.KeywordList,
        ["TemporalSchedulePaused"] = IndexedValueType.Bool,
        ["TemporalScheduledById"] = IndexedValueType.Keyword,
        ["TemporalScheduledStartTime"] = IndexedValueType.Datetime,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Kept like custom attributes, set by the server only.</summary>
    public static readonly FrozenDictionary<string, IndexedValueType> ServerOnly = new Dictionary<string, IndexedValueType>
    {
        ["TemporalExternalPayloadCount"] = IndexedValueType.Int,
        ["TemporalExternalPayloadSizeBytes"] = IndexedValueType.Int,
        ["TemporalUsedWorkerDeploymentVersions"] = IndexedValueType.KeywordList,
        ["TemporalWorkerDeployment"] = IndexedValueType.Keyword,
        ["TemporalWorkerDeploymentVersion"] = IndexedValueType.Keyword,
        ["TemporalWorkflowVersioningBehavior"] = IndexedValueType.Keyword,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All of them, as ListSearchAttributes shows them.</summary>
    public static readonly FrozenDictionary<string, IndexedValueType> All =
        System.Concat(Predefined).Concat(ServerOnly).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a start request or a workflow may set it.</summary>
    public static bool IsReadOnly(string name) => System.ContainsKey(name) || ServerOnly.ContainsKey(name);
}
