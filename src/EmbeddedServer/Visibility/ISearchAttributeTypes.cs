using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Which search attributes a namespace knows.</summary>
public interface ISearchAttributeTypes
{
    /// <summary>The type of a custom, predefined or system attribute; null when unknown.</summary>
    IndexedValueType? Find(string namespaceId, string name);
}
