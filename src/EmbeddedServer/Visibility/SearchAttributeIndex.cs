using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// What visibility indexes of a run's search attributes: a scalar as it is, a list by its members, a text by its words.
/// </summary>
public sealed class SearchAttributeIndex(ISearchAttributeTypes types) : IAttributeIndexer
{
    /// <summary>The one for a store: by the attributes that its namespaces have.</summary>
    public static IAttributeIndexer Of(IStore store) => new SearchAttributeIndex(new SearchAttributeTypes(store));

    public IndexedAttributes Index(string namespaceId, byte[] searchAttributes)
    {
        var values = new List<IndexedValue>();
        string? division = null;
        foreach (var (name, payload) in SearchAttributes.Parser.ParseFrom(searchAttributes).IndexedFields)
        {
            // An attribute that was removed from the namespace stays with its runs, but can't be asked for.
            if (types.Find(namespaceId, name) is not { } type || SearchAttributeValue.TryRead(payload, type, out _) is not { } value)
            {
                continue;
            }

            if (name == SystemSearchAttributes.NamespaceDivision)
            {
                division = value.Values is [string text] ? text : null;
                continue;
            }

            values.AddRange(value.Values.SelectMany(one => Keys(one, type)).Select(key => new IndexedValue(name, key)));
        }

        return new IndexedAttributes(values, division);
    }

    /// <summary>A time as it is indexed: milliseconds.</summary>
    internal static long TimeKey(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static IEnumerable<object> Keys(object value, IndexedValueType type) => value switch
    {
        string text when type == IndexedValueType.Text => TextTokens.OfValue(text),
        DateTimeOffset time => [TimeKey(time)],
        bool truth => [truth ? 1L : 0L],
        _ => [value],
    };
}

/// <summary>Cuts texts into words: runs of letters and digits, in lower case.</summary>
internal static class TextTokens
{
    /// <summary>The different words of a text that is stored. A text without words still has something to be found by IS NOT NULL.</summary>
    public static IEnumerable<string> OfValue(string text)
    {
        var tokens = Of(text);
        return tokens.Count == 0 ? [""] : tokens;
    }

    public static IReadOnlyCollection<string> Of(string text)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isInWord = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (isInWord && start < 0)
            {
                start = i;
            }
            else if (!isInWord && start >= 0)
            {
                tokens.Add(text[start..i].ToLowerInvariant());
                start = -1;
            }
        }

        return tokens;
    }
}
