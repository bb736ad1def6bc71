namespace Temporalio.Workflows;

/// <summary>A change of one memo field, for <see cref="Workflow.UpsertMemo" />.</summary>
public class MemoUpdate
{
    private readonly object? value;

    private MemoUpdate(string key, object? value, bool hasValue)
    {
        UntypedKey = key;
        this.value = value;
        HasValue = hasValue;
    }

    /// <summary>Gets the field's name.</summary>
    public string UntypedKey { get; }

    /// <summary>Gets the new value.</summary>
    /// <exception cref="InvalidOperationException">The field is removed, so there is no value.</exception>
    public object? UntypedValue => HasValue ? value : throw new InvalidOperationException("The update removes the field; it has no value");

    /// <summary>Gets a value indicating whether the field is set. Otherwise it is removed.</summary>
    public bool HasValue { get; }

    /// <summary>Sets a field.</summary>
    /// <param name="key">Which field.</param>
    /// <param name="value">Its new value; null removes the field.</param>
    /// <returns>The change.</returns>
    public static MemoUpdate ValueSet(string key, object value) => new(key, value, true);

    /// <summary>Removes a field.</summary>
    /// <param name="key">Which field.</param>
    /// <returns>The change.</returns>
    public static MemoUpdate ValueUnset(string key) => new(key, null, false);
}
