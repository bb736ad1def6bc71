using Google.Protobuf;
using Onramp.Temporal.Server.Visibility;
using Temporalio.Api.Common.V1;

namespace Onramp.Temporal.Server.History;

/// <summary>The rules of <c>Visibility</c>, as commands need them.</summary>
internal sealed class SearchAttributeValidator(ISearchAttributeTypes types) : ISearchAttributeValidator
{
    public SearchAttributes Validate(NamespaceRef ns, SearchAttributes attributes)
    {
        var validated = attributes.Clone();
        foreach (var (name, payload) in validated.IndexedFields)
        {
            var type = types.Find(ns.Id, name)
                ?? throw Errors.InvalidArgument($"Namespace {ns.Name} has no mapping defined for search attribute {name}");
            if (!payload.Metadata.ContainsKey("type"))
            {
                payload.Metadata["type"] = ByteString.CopyFromUtf8(type.ToString());
            }
        }

        return validated;
    }
}
