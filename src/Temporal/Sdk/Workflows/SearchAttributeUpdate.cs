using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>A change of one search attribute, for <see cref="Workflow.UpsertTypedSearchAttributes" />.</summary>
public abstract class SearchAttributeUpdate
{
    private protected SearchAttributeUpdate()
    {
    }

    /// <summary>Gets the key.</summary>
    public abstract SearchAttributeKey UntypedKey { get; }

    /// <summary>Gets the value; meaningless unless <see cref="HasValue" />.</summary>
    public abstract object UntypedValue { get; }

    /// <summary>Gets a value indicating whether the attribute is set. Otherwise it is removed.</summary>
    public bool HasValue { get; private protected init; }

    /// <summary>Sets an attribute.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Which attribute.</param>
    /// <param name="value">Its new value.</param>
    /// <returns>The change.</returns>
    public static SearchAttributeUpdate<T> ValueSet<T>(SearchAttributeKey<T> key, T value)
        where T : notnull => new(key, value, true);

    /// <summary>Removes an attribute.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Which attribute.</param>
    /// <returns>The change.</returns>
    public static SearchAttributeUpdate<T> ValueUnset<T>(SearchAttributeKey<T> key)
        where T : notnull => new(key, default!, false);
}

/// <summary>A change of one search attribute of a known type.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public class SearchAttributeUpdate<T> : SearchAttributeUpdate
    where T : notnull
{
    private readonly T value;

    internal SearchAttributeUpdate(SearchAttributeKey<T> key, T value, bool hasValue)
    {
        Key = key;
        this.value = value;
        HasValue = hasValue;
    }

    /// <summary>Gets the key.</summary>
    public SearchAttributeKey<T> Key { get; }

    /// <summary>Gets the new value.</summary>
    /// <exception cref="InvalidOperationException">The attribute is removed, so there is no value.</exception>
    public T Value => HasValue ? value : throw new InvalidOperationException("The update removes the attribute; it has no value");

    /// <inheritdoc />
    public override SearchAttributeKey UntypedKey => Key;

    /// <inheritdoc />
    public override object UntypedValue => Value;
}
