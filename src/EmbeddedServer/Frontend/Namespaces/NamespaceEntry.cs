using System.Collections.Frozen;
using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>A namespace as it is now. Never changed: a change makes another one.</summary>
/// <param name="Description">Not to be handed out without being cloned.</param>
public sealed record NamespaceEntry(NamespaceRef Ref, DescribeNamespaceResponse Description, FrozenDictionary<string, IndexedValueType> SearchAttributes)
{
    public NamespaceState State => Description.NamespaceInfo.State;

    public static NamespaceEntry FromRow(NamespaceRow row)
    {
        var description = DescribeNamespaceResponse.Parser.ParseFrom(row.Data);

        // What the server can do is not for the file to say: an older one may have written it.
        description.NamespaceInfo.SupportsSchedules = true;
        return new(new NamespaceRef(row.Id, row.Name), description, row.SearchAttributes.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public NamespaceRow ToRow() => new(Ref.Id, Ref.Name, Description.ToByteArray(), SearchAttributes);
}
