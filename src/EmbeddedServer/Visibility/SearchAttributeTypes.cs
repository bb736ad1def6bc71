using System.Collections.Frozen;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>The attributes of a namespace: those that every namespace has, and the custom ones kept with it.</summary>
public sealed class SearchAttributeTypes(IStore store) : ISearchAttributeTypes
{
    // The store hands out the same list until a namespace changes, so its identity tells whether this is up to date.
    private volatile Snapshot _snapshot = new(null, FrozenDictionary<string, IReadOnlyDictionary<string, IndexedValueType>>.Empty);

    public IndexedValueType? Find(string namespaceId, string name)
    {
        if (SystemSearchAttributes.All.TryGetValue(name, out var type))
        {
            return type;
        }

        return Custom(namespaceId).TryGetValue(name, out var custom) ? custom : null;
    }

    /// <summary>The custom attributes of a namespace; none for an unknown one.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> Custom(string namespaceId)
    {
        var rows = store.ReadNamespaces();
        var snapshot = _snapshot;
        if (!ReferenceEquals(snapshot.Rows, rows))
        {
            snapshot = new Snapshot(rows, rows.ToFrozenDictionary(row => row.Id, row => row.SearchAttributes, StringComparer.Ordinal));
            _snapshot = snapshot;
        }

        return snapshot.ById.TryGetValue(namespaceId, out var attributes)
            ? attributes
            : FrozenDictionary<string, IndexedValueType>.Empty;
    }

    private sealed record Snapshot(
        IReadOnlyList<NamespaceRow>? Rows, FrozenDictionary<string, IReadOnlyDictionary<string, IndexedValueType>> ById);
}
