namespace Onramp.EmbeddedServer.Storage;

/// <summary>Says what is indexed of a run's search attributes, so that the store needn't know what they mean.</summary>
public interface IAttributeIndexer
{
    /// <param name="searchAttributes">As in <see cref="VisibilityRow.SearchAttributes"/>.</param>
    IndexedAttributes Index(string namespaceId, byte[] searchAttributes);
}

/// <summary>One indexed value of an attribute: a <see cref="long"/>, <see cref="double"/> or <see cref="string"/>.</summary>
public sealed record IndexedValue(string Name, object Value);

/// <summary>What is indexed of a run.</summary>
/// <param name="Division">The part of the namespace that it is hidden in; null for none.</param>
public sealed record IndexedAttributes(IReadOnlyList<IndexedValue> Values, string? Division)
{
    public static IndexedAttributes None { get; } = new([], null);
}
