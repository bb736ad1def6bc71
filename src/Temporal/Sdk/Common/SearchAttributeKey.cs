using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Temporalio.Common;

/// <summary>Name and type of a search attribute. Ordered by name, then by type.</summary>
public class SearchAttributeKey : IEquatable<SearchAttributeKey>, IComparable<SearchAttributeKey>
{
    private protected SearchAttributeKey(string name, IndexedValueType valueType)
    {
        Name = name;
        ValueType = valueType;
    }

    /// <summary>Name of the attribute.</summary>
    public string Name { get; private init; }

    /// <summary>Type of the attribute on the server.</summary>
    public IndexedValueType ValueType { get; private init; }

    public static bool operator ==(SearchAttributeKey? left, SearchAttributeKey? right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(SearchAttributeKey? left, SearchAttributeKey? right) => !(left == right);

    public static bool operator <(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) < 0;

    public static bool operator <=(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) <= 0;

    public static bool operator >(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) > 0;

    public static bool operator >=(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) >= 0;

    /// <summary>A key of type <c>Bool</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<bool> CreateBool(string name) => new(name, IndexedValueType.Bool);

    /// <summary>A key of type <c>Datetime</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<DateTimeOffset> CreateDateTimeOffset(string name) => new(name, IndexedValueType.Datetime);

    /// <summary>A key of type <c>Double</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<double> CreateDouble(string name) => new(name, IndexedValueType.Double);

    /// <summary>A key of type <c>Keyword</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<string> CreateKeyword(string name) => new(name, IndexedValueType.Keyword);

    /// <summary>A key of type <c>KeywordList</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<IReadOnlyCollection<string>> CreateKeywordList(string name) =>
        new(name, IndexedValueType.KeywordList);

    /// <summary>A key of type <c>Int</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<long> CreateLong(string name) => new(name, IndexedValueType.Int);

    /// <summary>A key of type <c>Text</c>.</summary>
    /// <param name="name">Name of the attribute.</param>
    public static SearchAttributeKey<string> CreateText(string name) => new(name, IndexedValueType.Text);

    /// <inheritdoc/>
    public int CompareTo(SearchAttributeKey? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : ValueType.CompareTo(other.ValueType);
    }

    /// <inheritdoc/>
    public bool Equals(SearchAttributeKey? other) => other is not null && Name == other.Name && ValueType == other.ValueType;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchAttributeKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ValueType);

    private static int Compare(SearchAttributeKey? left, SearchAttributeKey? right) =>
        left is null ? (right is null ? 0 : -1) : left.CompareTo(right);
}

/// <summary>A key whose values are of one .NET type.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public class SearchAttributeKey<T> : SearchAttributeKey
    where T : notnull
{
    internal SearchAttributeKey(string name, IndexedValueType valueType)
        : base(name, valueType)
    {
    }

    /// <summary>An update that sets the attribute.</summary>
    /// <param name="value">Value to set.</param>
    public SearchAttributeUpdate<T> ValueSet(T value) => SearchAttributeUpdate.ValueSet(this, value);

    /// <summary>An update that removes the attribute.</summary>
    public SearchAttributeUpdate<T> ValueUnset() => SearchAttributeUpdate.ValueUnset(this);
}
