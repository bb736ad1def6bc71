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

    /// <summary>A member of a list as it is indexed: members are found whatever their case is.</summary>
    internal static string MemberKey(string member) => member.ToLowerInvariant();

    private static IEnumerable<object> Keys(object value, IndexedValueType type) => value switch
    {
        string text when type == IndexedValueType.Text => TextTokens.OfValue(text),
        string member when type == IndexedValueType.KeywordList => [MemberKey(member)],
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
        var words = WordsOf(text).Distinct(StringComparer.Ordinal).ToList();
        return words.Count == 0 ? [""] : words;
    }

    /// <summary>What a query's text asks for: of each of the parts that blanks separate its words; parts without any ask for nothing.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> PhrasesOf(string text) =>
        [.. text.Split(' ').Select(part => WordsOf(part).ToList()).Where(words => words.Count > 0)];

    private static IEnumerable<string> WordsOf(string text)
    {
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
                yield return text[start..i].ToLowerInvariant();
                start = -1;
            }
        }
    }
}
