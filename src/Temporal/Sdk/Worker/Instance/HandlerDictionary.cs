using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Temporalio.Worker.Instance;

/// <summary>
/// The handlers of an instance by name: those of the class, until the code changes them. Setting one tells the instance, so that it can
/// hand over what came before.
/// </summary>
internal sealed class HandlerDictionary<T>(IReadOnlyDictionary<string, T> ofClass, Func<T, string?> nameOf, Action<string, T> onSet)
    : IDictionary<string, T>
    where T : class
{
    private Dictionary<string, T>? own;

    public int Count => Current.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => Own.Keys;

    public ICollection<T> Values => Own.Values;

    private IReadOnlyDictionary<string, T> Current => own ?? ofClass;

    private Dictionary<string, T> Own => own ??= new(ofClass);

    public T this[string key]
    {
        get => Current[key];
        set
        {
            RequireName(key, value);
            Own[key] = value;
            onSet(key, value);
        }
    }

    public void Add(string key, T value)
    {
        RequireName(key, value);
        Own.Add(key, value);
        onSet(key, value);
    }

    public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

    public void Clear() => Own.Clear();

    public bool Contains(KeyValuePair<string, T> item) => Current.TryGetValue(item.Key, out var value) && value == item.Value;

    public bool ContainsKey(string key) => Current.ContainsKey(key);

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, T>>)Own).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => Current.GetEnumerator();

    public bool Remove(string key) => Own.Remove(key);

    public bool Remove(KeyValuePair<string, T> item) => ((ICollection<KeyValuePair<string, T>>)Own).Remove(item);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => Current.TryGetValue(key, out value);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void RequireName(string key, T value)
    {
        if (nameOf(value) != key)
        {
            throw new ArgumentException($"Handler is named '{nameOf(value)}' but set under '{key}'", nameof(key));
        }
    }
}
