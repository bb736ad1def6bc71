using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// Which fields of an object someone owns: paths of elements <c>f:name</c>, <c>k:{key}</c> and <c>v:value</c>, kept as leaves. Lists
/// are owned whole, except those that the API says are merged by key or are sets.
/// </summary>
internal static class FieldSet
{
    private const char Separator = '\u0001';

    /// <summary>Lists whose items are known by these fields; every other list is atomic.</summary>
    private static readonly Dictionary<string, string[]> s_keyed = new(StringComparer.Ordinal)
    {
        [".metadata.ownerReferences"] = ["uid"],
        [".spec.containers"] = ["name"],
        [".spec.template.spec.containers"] = ["name"],
        [".spec.template.spec.containers.env"] = ["name"],
        [".spec.template.spec.containers.ports"] = ["containerPort", "protocol"],
        [".spec.template.spec.volumes"] = ["name"],
        [".spec.ports"] = ["port", "protocol"],
        [".secrets"] = ["name"],
        [".imagePullSecrets"] = ["name"],
    };

    private static readonly HashSet<string> s_sets = new(StringComparer.Ordinal) { ".metadata.finalizers" };

    /// <summary>Objects that are owned whole.</summary>
    private static readonly HashSet<string> s_atomic = new(StringComparer.Ordinal) { ".spec.podSelector", ".spec.selector", ".roleRef" };

    /// <summary>Fields that the server looks after and nobody owns.</summary>
    private static readonly HashSet<string> s_unowned = new(StringComparer.Ordinal)
    {
        ".apiVersion", ".kind", ".metadata.name", ".metadata.namespace", ".metadata.uid", ".metadata.resourceVersion", ".metadata.generation",
        ".metadata.creationTimestamp", ".metadata.deletionTimestamp", ".metadata.managedFields", ".metadata.selfLink", ".metadata.generateName", ".status",
    };

    /// <summary>The leaves of an object with their values.</summary>
    public static SortedDictionary<string, JsonNode?> Leaves(JsonObject item)
    {
        var leaves = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        Collect(item, "", "", leaves);
        return leaves;
    }

    /// <summary>The path as error messages write it.</summary>
    public static string Readable(string leaf) => string.Concat(leaf.Split(Separator).Select(e => e[0] switch
    {
        'f' => "." + e[2..],
        'k' => $"[{string.Join(",", JsonNode.Parse(e[2..])!.AsObject().Select(k => $"{k.Key}={k.Value?.ToJsonString(Json.Compact)}"))}]",
        _ => $"[={e[2..]}]",
    }));

    public static JsonObject ToFieldsV1(IEnumerable<string> leaves)
    {
        var root = new JsonObject();
        foreach (var leaf in leaves)
        {
            leaf.Split(Separator).Aggregate(root, (at, element) => at.Ensure(element));
        }

        return root;
    }

    public static HashSet<string> FromFieldsV1(JsonObject? fields)
    {
        var leaves = new HashSet<string>(StringComparer.Ordinal);
        Walk(fields ?? [], "");
        return leaves;

        void Walk(JsonObject at, string prefix)
        {
            foreach (var (name, child) in at)
            {
                var path = prefix.Length == 0 ? name : prefix + Separator + name;
                if (child is JsonObject { Count: > 0 } below)
                {
                    Walk(below, path);
                }
                else if (name != ".")
                {
                    leaves.Add(path);
                }
            }
        }
    }

    /// <summary>Removes what a leaf stands for, and what it leaves empty behind.</summary>
    public static void Remove(JsonObject item, string leaf) => Remove(item, leaf.Split(Separator), 0);

    /// <summary>What applying <paramref name="applied"/> makes of <paramref name="live"/>.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied) => (JsonObject)Merge(live, applied, "");

    private static JsonNode Merge(JsonNode? live, JsonNode applied, string path)
    {
        switch (applied)
        {
            case JsonObject from when live is JsonObject onto && !s_atomic.Contains(path):
                var merged = onto.Copy();
                foreach (var (name, value) in from)
                {
                    var child = $"{path}.{name}";
                    if (!s_unowned.Contains(child))
                    {
                        merged[name] = value is null ? null : Merge(onto[name], value, child);
                    }
                }

                return merged;
            case JsonArray from when live is JsonArray onto && s_keyed.TryGetValue(path, out var keys):
                var items = onto.DeepClone().AsArray();
                foreach (var item in from.OfType<JsonObject>())
                {
                    var index = Enumerable.Range(0, items.Count).FirstOrDefault(i => Key(items[i], keys) == Key(item, keys), -1);
                    if (index < 0)
                    {
                        items.Add(item.DeepClone());
                    }
                    else
                    {
                        items[index] = Merge(items[index], item, path);
                    }
                }

                return items;
            case JsonArray from when live is JsonArray onto && s_sets.Contains(path):
                return Json.TextArray(onto.Concat(from).Select(v => v.Text() ?? "").Distinct(StringComparer.Ordinal));
            default:
                return applied.DeepClone();
        }
    }

    private static void Collect(JsonNode? node, string path, string prefix, SortedDictionary<string, JsonNode?> leaves)
    {
        string Below(string element) => prefix.Length == 0 ? element : prefix + Separator + element;

        switch (node)
        {
            case JsonObject { Count: > 0 } item when !s_atomic.Contains(path):
                foreach (var (name, value) in item)
                {
                    if (!s_unowned.Contains($"{path}.{name}"))
                    {
                        Collect(value, $"{path}.{name}", Below("f:" + name), leaves);
                    }
                }

                break;
            case JsonArray { Count: > 0 } list when s_keyed.TryGetValue(path, out var keys):
                foreach (var item in list)
                {
                    Collect(item, path, Below(Key(item, keys)), leaves);
                }

                break;
            case JsonArray { Count: > 0 } list when s_sets.Contains(path):
                foreach (var item in list)
                {
                    leaves[Below("v:" + item?.ToJsonString(Json.Compact))] = item;
                }

                break;
            default:
                if (prefix.Length > 0)
                {
                    leaves[prefix] = node;
                }

                break;
        }
    }

    private static string Key(JsonNode? item, string[] keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
        {
            key[name] = (item as JsonObject)?[name].Copy() ?? (name == "protocol" ? "TCP" : null);
        }

        return "k:" + key.ToJsonString(Json.Compact);
    }

    private static void Remove(JsonNode? node, string[] elements, int at)
    {
        var last = at == elements.Length - 1;
        var element = elements[at];
        switch (node)
        {
            case JsonObject item when element[0] == 'f':
                var name = element[2..];
                if (!last)
                {
                    Remove(item[name], elements, at + 1);
                }

                if (last || item[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 })
                {
                    item.Remove(name);
                }

                break;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    var matches = element[0] == 'v'
                        ? "v:" + list[i]?.ToJsonString(Json.Compact) == element
                        : Key(list[i], [.. JsonNode.Parse(element[2..])!.AsObject().Select(k => k.Key)]) == element;
                    if (matches && (last || RemovesAll(list[i], elements, at)))
                    {
                        list.RemoveAt(i);
                    }
                }

                break;
        }
    }

    /// <summary>Removes below an item of a keyed list; the item itself goes with its last key field.</summary>
    private static bool RemovesAll(JsonNode? item, string[] elements, int at)
    {
        var keys = JsonNode.Parse(elements[at][2..])!.AsObject();
        Remove(item, elements, at + 1);
        return item is JsonObject rest && !keys.Any(k => rest.ContainsKey(k.Key));
    }
}
