using System.Collections.Frozen;
using System.Globalization;
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
    private const int KeywordsAtMost = 10;
    private const int OthersAtMost = 3;

    private static readonly HashSet<string> ReservedNames = new(StringComparer.Ordinal) { "NamespaceId", "Memo", "MemoEncoding", "VisibilityTaskKey" };

    /// <summary>
    /// All that the older call for them tells, which knows no namespaces: those that every namespace has, and the columns that a cluster in SQL keeps
    /// custom ones in, whatever each namespace calls them.
    /// </summary>
    public static FrozenDictionary<string, IndexedValueType> Known { get; } = Enum.GetValues<IndexedValueType>()
        .SelectMany(type => Enumerable.Range(1, AtMost(type)).Select(number => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{type}{number:00}"), type)))
        .Concat(SystemSearchAttributes.All)
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>
    /// Adding what is there changes nothing, even under another type; so it is in a cluster, where programs add their attributes at every start.
    /// A namespace has as many of each type as a cluster's has that is kept in SQL.
    /// </summary>
    public static NamespaceRow Add(NamespaceRow row, IReadOnlyDictionary<string, IndexedValueType> attributes)
    {
        CheckNew(attributes);
        var added = new Dictionary<string, IndexedValueType>(row.SearchAttributes, StringComparer.Ordinal);
        foreach (var (name, type) in attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            if (added.ContainsKey(name))
            {
                continue;
            }

            var used = added.Values.Count(other => other == type);
            if (used >= AtMost(type))
            {
                throw Refuse($"Unable to create search attributes: cannot have more than {used} search attribute of type {type}.");
            }

            added[name] = type;
        }

        return row with { SearchAttributes = added };
    }

    /// <summary>Removing what isn't there changes nothing.</summary>
    public static NamespaceRow Remove(NamespaceRow row, IReadOnlyCollection<string> names)
    {
        CheckNamed(names);
        if (names.FirstOrDefault(name => !row.SearchAttributes.ContainsKey(name) && Known.ContainsKey(name)) is { } fixedName)
        {
            throw Refuse($"Unable to remove non-custom search attributes: {fixedName}.");
        }

        return row with
        {
            SearchAttributes = row.SearchAttributes
                .Where(attribute => !names.Contains(attribute.Key, StringComparer.Ordinal))
                .ToDictionary(StringComparer.Ordinal),
        };
    }

    /// <summary>What can be said of attributes before the namespace is known.</summary>
    public static void CheckNew(IReadOnlyDictionary<string, IndexedValueType> attributes)
    {
        if (attributes.Count == 0)
        {
            throw Refuse("SearchAttributes are not set on request.");
        }

        foreach (var (name, type) in attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            if (name.Length == 0)
            {
                throw Refuse("Search attribute name is not set on request.");
            }

            if (SystemSearchAttributes.All.ContainsKey(name) || ReservedNames.Contains(name) || name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            {
                throw Refuse($"Search attribute {name} is reserved by system.");
            }

            if (!Enum.IsDefined(type))
            {
                throw Refuse($"Unknown search attribute type: {(int)type}.");
            }
        }
    }

    public static void CheckNamed(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            throw Refuse("SearchAttributes are not set on request.");
        }
    }

    private static int AtMost(IndexedValueType type) => type switch
    {
        IndexedValueType.Unspecified => 0,
        IndexedValueType.Keyword => KeywordsAtMost,
        _ => OthersAtMost,
    };

    private static RefusalException Refuse(string message) => new(RefusalKind.InvalidArgument, message);
}
