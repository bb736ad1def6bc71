using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Temporalio.Api.Common.V1;

namespace Temporalio.Common;

/// <summary>An immutable set of search attributes, at most one a name.</summary>
public class SearchAttributeCollection : IReadOnlyCollection<SearchAttributeKey>
{
    /// <summary>The one with nothing in it.</summary>
    public static readonly SearchAttributeCollection Empty = new(new Dictionary<SearchAttributeKey, object>());

    private readonly SortedDictionary<SearchAttributeKey, object> values;

    private SearchAttributeCollection(IDictionary<SearchAttributeKey, object> values) => this.values = new(values);

    /// <inheritdoc/>
    public int Count => values.Count;

    /// <summary>All values by key.</summary>
    public IReadOnlyDictionary<SearchAttributeKey, object> UntypedValues => values;

    /// <summary>Reads what the server sent. Attributes without a known type are left out.</summary>
    /// <param name="searchAttributes">What the server sent.</param>
    public static SearchAttributeCollection FromProto(SearchAttributes searchAttributes)
    {
        var builder = new Builder();
        foreach (var (name, payload) in searchAttributes.IndexedFields)
        {
            if (SearchAttributePayloads.TryDecode(name, payload, out var key, out var value))
            {
                builder.SetUntyped(key, value);
            }
        }

        return builder.ToSearchAttributeCollection();
    }

    /// <summary>Writes what the server understands.</summary>
    public SearchAttributes ToProto()
    {
        var proto = new SearchAttributes();
        foreach (var (key, value) in values)
        {
            proto.IndexedFields.Add(key.Name, SearchAttributePayloads.Encode(key, value));
        }

        return proto;
    }

    /// <summary>The value of a key.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key to look up.</param>
    /// <exception cref="KeyNotFoundException">It is not there.</exception>
    public T Get<T>(SearchAttributeKey<T> key)
        where T : notnull =>
        (T)values[key];

    /// <summary>The value of a key, if it is there.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key to look up.</param>
    /// <param name="value">The value.</param>
    public bool TryGetValue<T>(SearchAttributeKey<T> key, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        if (values.TryGetValue(key, out var untyped))
        {
            value = (T)untyped;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Whether there is an attribute of that name, whatever its type.</summary>
    /// <param name="key">Name to look up.</param>
    public bool ContainsKey(string key) => values.Keys.Any(k => k.Name == key);

    /// <summary>Whether the key is there.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key to look up.</param>
    public bool ContainsKey<T>(SearchAttributeKey<T> key)
        where T : notnull =>
        values.ContainsKey(key);

    /// <inheritdoc/>
    public IEnumerator<SearchAttributeKey> GetEnumerator() => values.Keys.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Collects attributes; setting a name again replaces it even with another type.</summary>
    public class Builder
    {
        private readonly Dictionary<string, (SearchAttributeKey Key, object Value)> byName = new(StringComparer.Ordinal);

        /// <summary>An empty one.</summary>
        public Builder()
        {
        }

        /// <summary>One that starts with what a collection holds.</summary>
        /// <param name="searchAttributes">Where to start from.</param>
        public Builder(SearchAttributeCollection searchAttributes) => Set(searchAttributes);

        /// <summary>Sets a value.</summary>
        /// <typeparam name="T">Type of the value.</typeparam>
        /// <param name="key">Key to set.</param>
        /// <param name="value">Value to set.</param>
        public Builder Set<T>(SearchAttributeKey<T> key, T value)
            where T : notnull =>
            SetUntyped(key, value);

        /// <summary>Sets all that a collection holds.</summary>
        /// <param name="searchAttributes">What to set.</param>
        public Builder Set(SearchAttributeCollection searchAttributes)
        {
            foreach (var (key, value) in searchAttributes.values)
            {
                SetUntyped(key, value);
            }

            return this;
        }

        /// <summary>Removes a key.</summary>
        /// <param name="key">Key to remove.</param>
        public Builder Unset(SearchAttributeKey key) => Unset(key.Name);

        /// <summary>Removes a name.</summary>
        /// <param name="name">Name to remove.</param>
        public Builder Unset(string name)
        {
            byName.Remove(name);
            return this;
        }

        /// <summary>The collection of what was set.</summary>
        public SearchAttributeCollection ToSearchAttributeCollection() =>
            new(byName.Values.ToDictionary(v => v.Key, v => v.Value));

        internal Builder SetUntyped(SearchAttributeKey key, object value)
        {
            byName[key.Name] = (key, value);
            return this;
        }
    }
}
