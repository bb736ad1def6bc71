using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>The patch formats besides apply: JSON merge patch, strategic merge patch and JSON patch.</summary>
internal static class Patches
{
    public const string ApplyType = "application/apply-patch+yaml";

    public static JsonObject Patch(Call call, ResourceType type, JsonObject live)
    {
        var media = call.MediaType;
        if (media == "application/strategic-merge-patch+json" && type.Custom)
        {
            throw Unsupported();
        }

        return media switch
        {
            "application/merge-patch+json" => (JsonObject)MergePatch(live, Body(call))!,
            "application/strategic-merge-patch+json" => (JsonObject)Strategic(live, Body(call), "")!,
            "application/json-patch+json" => JsonPatch(live, Body(call)),
            _ => throw Unsupported(),
        };
    }

    public static JsonNode Body(Call call)
    {
        try
        {
            return JsonNode.Parse(call.Body.Span) ?? throw KubernetesErrors.BadRequest("the body is null");
        }
        catch (JsonException exception)
        {
            throw KubernetesErrors.BadRequest($"error decoding the body: {exception.Message}");
        }
    }

    private static Refusal Unsupported() => KubernetesErrors.Refuse(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");

    private static JsonNode? MergePatch(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch.Copy();
        }

        var result = (target as JsonObject)?.Copy() ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = MergePatch(result[name], value);
            }
        }

        return result;
    }

    /// <summary>Merge patch that merges lists of named things by name, and knows <c>$patch: delete</c>.</summary>
    private static JsonNode? Strategic(JsonNode? target, JsonNode? patch, string name)
    {
        if (patch is JsonArray items && target is JsonArray current && name is "containers" or "env" or "volumes" or "imagePullSecrets" or "secrets")
        {
            var list = ((JsonArray)target!).DeepClone().AsArray();
            foreach (var item in (JsonArray)patch!)
            {
                var index = Enumerable.Range(0, list.Count).FirstOrDefault(i => list[i].Text("name") == item.Text("name"), -1);
                if (item.Text("$patch") == "delete")
                {
                    if (index >= 0)
                    {
                        list.RemoveAt(index);
                    }
                }
                else if (index >= 0)
                {
                    list[index] = Strategic(list[index], item, "");
                }
                else
                {
                    list.Add(item.Copy());
                }
            }

            return list;
        }

        if (patch is not JsonObject changes)
        {
            return patch.Copy();
        }

        var result = (target as JsonObject)?.Copy() ?? [];
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else if (key[0] != '$')
            {
                result[key] = Strategic(result[key], value, key);
            }
        }

        return result;
    }

    private static JsonObject JsonPatch(JsonObject live, JsonNode operations)
    {
        JsonNode root = live.Copy();
        foreach (var operation in operations as JsonArray ?? throw KubernetesErrors.BadRequest("a JSON patch must be an array of operations"))
        {
            var path = Pointer(operation.Text("path"));
            switch (operation.Text("op"))
            {
                case "add":
                    Set(root, path, operation!["value"].Copy(), insert: true);
                    break;
                case "replace":
                    Get(root, path);
                    Set(root, path, operation!["value"].Copy(), insert: false);
                    break;
                case "remove":
                    Get(root, path);
                    Remove(root, path);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Get(root, path), operation!["value"]))
                    {
                        throw Unprocessable($"testing value {operation.Text("path")} failed");
                    }

                    break;
                case "copy" or "move":
                    var from = Pointer(operation.Text("from"));
                    var moved = Get(root, from).Copy();
                    if (operation.Text("op") == "move")
                    {
                        Remove(root, from);
                    }

                    Set(root, path, moved, insert: true);
                    break;
                default:
                    throw KubernetesErrors.BadRequest($"unexpected JSON patch operation \"{operation.Text("op")}\"");
            }
        }

        return (JsonObject)root;
    }

    private static Refusal Unprocessable(string message) =>
        KubernetesErrors.Refuse(422, "Invalid", $"the server rejected our request due to an error in our request: {message}");

    private static string[] Pointer(string? text) =>
        [.. (text ?? "").Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static JsonNode? Get(JsonNode root, string[] path)
    {
        JsonNode? at = root;
        foreach (var part in path)
        {
            at = at switch
            {
                JsonObject item when item.ContainsKey(part) => item[part],
                JsonArray list when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < list.Count => list[index],
                _ => throw Unprocessable($"{string.Join('/', path)} does not exist"),
            };
        }

        return at;
    }

    private static void Set(JsonNode root, string[] path, JsonNode? value, bool insert)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject item:
                item[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list when int.TryParse(path[^1], CultureInfo.InvariantCulture, out var index) && index >= 0 && index <= list.Count:
                if (insert)
                {
                    list.Insert(index, value);
                }
                else
                {
                    list[index] = value;
                }

                break;
            default:
                throw Unprocessable($"{string.Join('/', path)} cannot be set");
        }
    }

    private static void Remove(JsonNode root, string[] path)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject item:
                item.Remove(path[^1]);
                break;
            case JsonArray list:
                list.RemoveAt(int.Parse(path[^1], CultureInfo.InvariantCulture));
                break;
        }
    }
}
