using System.Collections.Frozen;
using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>A namespace as it is now. Never changed: a change makes another one.</summary>
/// <param name="Description">Not to be handed out without being cloned.</param>
public sealed record NamespaceEntry(NamespaceRef Ref, DescribeNamespaceResponse Description, FrozenDictionary<string, IndexedValueType> SearchAttributes)
{
    public NamespaceState State => Description.NamespaceInfo.State;

    /// <summary>
    /// Whether its name is free again and its workflows go. One that was only declared to be deleted keeps both; nothing but its removal can be asked of it.
    /// </summary>
    public bool IsRemoved => State == NamespaceState.Deleted && Ref.Name.EndsWith(RemovedSuffix, StringComparison.Ordinal);

    /// <summary>What a removed one's name ends with; no other does, as an id is not known before a name is given.</summary>
    public string RemovedSuffix => $"-deleted-{Ref.Id[..5]}";

    /// <summary>Whether workers of this build are not to work here any more.</summary>
    public bool IsBad(string binaryChecksum) => Description.Config.BadBinaries?.Binaries.ContainsKey(binaryChecksum) == true;

    public static NamespaceEntry FromRow(NamespaceRow row, HistoryEngineOptions limits)
    {
        var description = DescribeNamespaceResponse.Parser.ParseFrom(row.Data);
        Advertise(description, limits);
        return new(new NamespaceRef(row.Id, row.Name), description, row.SearchAttributes.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>What the server can do is not for the file to say: an older one may have written it.</summary>
    public static void Advertise(DescribeNamespaceResponse description, HistoryEngineOptions limits)
    {
        description.NamespaceInfo.SupportsSchedules = true;
        description.NamespaceInfo.Capabilities = new NamespaceInfo.Types.Capabilities
        {
            EagerWorkflowStart = true,
            SyncUpdate = true,
            AsyncUpdate = true,
            WorkerHeartbeats = true,
            ReportedProblemsSearchAttribute = true,
            WorkerPollCompleteOnShutdown = true,
            PollerAutoscaling = true,
        };
        description.NamespaceInfo.Limits = new NamespaceInfo.Types.Limits
        {
            BlobSizeLimitError = limits.MaximumBlobBytes,
            MemoSizeLimitError = limits.MaximumMemoBytes,
        };
        description.ReplicationConfig.State = ReplicationState.Unspecified;
    }

    public NamespaceRow ToRow() => new(Ref.Id, Ref.Name, Description.ToByteArray(), SearchAttributes) { IsGone = IsRemoved };
}
