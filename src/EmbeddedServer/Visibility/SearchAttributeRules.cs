using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// What search attributes a request or a workflow may set. All refusals are <see cref="RefusalException"/> with INVALID_ARGUMENT; nothing
/// that is given is changed.
/// </summary>
public static class SearchAttributeRules
{
    private const string TypeKey = "type";

    /// <summary>
    /// For a new run. What is null or empty leaves no trace; every payload gets <c>type</c> metadata unless it has some. Null when
    /// nothing is left.
    /// </summary>
    public static SearchAttributes? ForStart(NamespaceRef ns, SearchAttributes? attributes, ISearchAttributeTypes types)
    {
        CheckNames(ns, attributes, types);
        var kept = ForCommand(ns, attributes, types);
        CheckSize(attributes);
        return kept;
    }

    /// <summary>The same for the run that a command begins: whose names are known, and whose sizes are looked at later.</summary>
    public static SearchAttributes? ForCommand(NamespaceRef ns, SearchAttributes? attributes, ISearchAttributeTypes types)
    {
        if (attributes is null)
        {
            return null;
        }

        var kept = Check(ns, attributes, types, keepUnset: false);
        return kept.IndexedFields.Count == 0 ? null : kept;
    }

    /// <summary>For an upsert command. What is null or empty stays in, and unsets when it is merged. Sizes are looked at then.</summary>
    public static SearchAttributes ForUpsert(NamespaceRef ns, SearchAttributes? attributes, ISearchAttributeTypes types)
    {
        CheckNames(ns, attributes, types);
        if (attributes is null)
        {
            throw Refuse("SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.");
        }

        return attributes.IndexedFields.Count == 0
            ? throw Refuse("IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.")
            : Check(ns, attributes, types, keepUnset: true);
    }

    /// <summary>The attributes of a run after an upsert; null when none are left.</summary>
    public static SearchAttributes? Merge(SearchAttributes? current, SearchAttributes upsert)
    {
        var merged = current?.Clone() ?? new SearchAttributes();
        foreach (var (name, payload) in upsert.IndexedFields)
        {
            if (SearchAttributeValue.IsUnset(payload))
            {
                merged.IndexedFields.Remove(name);
            }
            else
            {
                merged.IndexedFields[name] = payload;
            }
        }

        return merged.IndexedFields.Count == 0 ? null : merged;
    }

    /// <summary>Every name that the server itself doesn't have has to be one of the namespace's.</summary>
    public static void CheckNames(NamespaceRef ns, SearchAttributes? attributes, ISearchAttributeTypes types)
    {
        foreach (var name in (attributes?.IndexedFields.Keys ?? []).Order(StringComparer.Ordinal))
        {
            if (types.Find(ns.Id, name) is null)
            {
                throw Refuse($"Namespace {ns.Name} has no mapping defined for search attribute {name}");
            }
        }
    }

    /// <summary>How large each value and all of them together are.</summary>
    public static void CheckSize(SearchAttributes? attributes)
    {
        if (attributes is null)
        {
            return;
        }

        foreach (var (name, payload) in attributes.IndexedFields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (payload.Data.Length > VisibilityLimits.MaximumSearchAttributeValueBytes)
            {
                throw Refuse(
                    $"search attribute {name} value size {payload.Data.Length} exceeds size limit {VisibilityLimits.MaximumSearchAttributeValueBytes}");
            }
        }

        var size = attributes.CalculateSize();
        if (size > VisibilityLimits.MaximumSearchAttributesBytes)
        {
            throw Refuse($"total size of search attributes {size} exceeds size limit {VisibilityLimits.MaximumSearchAttributesBytes}");
        }
    }

    private static SearchAttributes Check(NamespaceRef ns, SearchAttributes attributes, ISearchAttributeTypes types, bool keepUnset)
    {
        var count = attributes.IndexedFields.Count;
        if (count > VisibilityLimits.MaximumSearchAttributes)
        {
            throw Refuse($"number of search attributes {count} exceeds limit {VisibilityLimits.MaximumSearchAttributes}");
        }

        var kept = new SearchAttributes();
        foreach (var (name, payload) in attributes.IndexedFields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (SystemSearchAttributes.IsReadOnly(name))
            {
                throw Refuse($"{name} attribute can't be set in SearchAttributes");
            }

            var type = types.Find(ns.Id, name) ?? throw Refuse($"search attribute {name} is not defined");
            var value = SearchAttributeValue.TryRead(payload, type, out var looks)
                ?? throw Refuse($"invalid value for search attribute {name} of type {type}: {looks}");
            if (value.IsSet || keepUnset)
            {
                kept.IndexedFields[name] = WithType(payload, type);
            }
        }

        return kept;
    }

    private static Payload WithType(Payload payload, IndexedValueType type)
    {
        var typed = payload.Clone();
        if (!typed.Metadata.ContainsKey(TypeKey))
        {
            typed.Metadata[TypeKey] = ByteString.CopyFromUtf8(type.ToString());
        }

        return typed;
    }

    private static RefusalException Refuse(string message) => new(RefusalKind.InvalidArgument, message);
}
