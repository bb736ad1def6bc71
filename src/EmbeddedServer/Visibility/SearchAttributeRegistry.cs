using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// Changes the custom attributes of a namespace. These functions return the row to write; refusals are <see cref="RefusalException"/>
/// with INVALID_ARGUMENT.
/// </summary>
public static class SearchAttributeRegistry
{
    private const string ReservedPrefix = "Temporal";

    /// <summary>Adding what is there with the same type changes nothing.</summary>
    public static NamespaceRow Add(NamespaceRow row, IReadOnlyDictionary<string, IndexedValueType> attributes)
    {
        if (attributes.Count == 0)
        {
            throw Refuse("SearchAttributes are not set on request.");
        }

        var added = new Dictionary<string, IndexedValueType>(row.SearchAttributes, StringComparer.Ordinal);
        foreach (var (name, type) in attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            CheckNew(name, type);
            if (added.TryGetValue(name, out var existing) && existing != type)
            {
                throw Refuse($"Search attribute {name} already exists with type {existing}.");
            }

            added[name] = type;
        }

        return row with { SearchAttributes = added };
    }

    /// <summary>Removing what isn't there changes nothing.</summary>
    public static NamespaceRow Remove(NamespaceRow row, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            throw Refuse("SearchAttributes are not set on request.");
        }

        var fixedNames = names.Where(SystemSearchAttributes.All.ContainsKey).ToArray();
        if (fixedNames.Length > 0)
        {
            throw Refuse($"Unable to remove non-custom search attributes: {string.Join(", ", fixedNames)}.");
        }

        return row with
        {
            SearchAttributes = row.SearchAttributes
                .Where(attribute => !names.Contains(attribute.Key, StringComparer.Ordinal))
                .ToDictionary(StringComparer.Ordinal),
        };
    }

    private static void CheckNew(string name, IndexedValueType type)
    {
        if (name.Length == 0)
        {
            throw Refuse("Search attribute name is not set on request.");
        }

        if (SystemSearchAttributes.All.ContainsKey(name) || name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw Refuse($"Search attribute {name} is reserved by system.");
        }

        if (type == IndexedValueType.Unspecified || !Enum.IsDefined(type))
        {
            throw Refuse($"Unable to read search attribute type: {(int)type}.");
        }
    }

    private static RefusalException Refuse(string message) => new(RefusalKind.InvalidArgument, message);
}
