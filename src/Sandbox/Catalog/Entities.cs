using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Catalog;

/// <summary>Reads entities out of descriptor files and checks them as the catalog's processors do.</summary>
internal static partial class Entities
{
    /// <summary>What each kind must say in its spec.</summary>
    private static readonly Dictionary<string, string[]> s_required = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Component"] = ["type", "lifecycle", "owner"],
        ["API"] = ["type", "lifecycle", "owner", "definition"],
        ["System"] = ["owner"],
        ["Domain"] = ["owner"],
        ["Resource"] = ["type", "owner"],
        ["Group"] = ["type", "children"],
        ["User"] = [],
        ["Location"] = [],
    };

    public static string Key(JsonObject entity) =>
        $"{entity.Text("kind")}:{entity.Text("metadata", "namespace") ?? "default"}/{entity.Text("metadata", "name")}".ToLowerInvariant();

    /// <summary>Entities of the file that a location targets, or why there are none.</summary>
    public static (IReadOnlyList<JsonObject> Entities, string? Problem) Read(Documents github, string target)
    {
        var parts = new Uri(target).AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [var owner, var name, "blob" or "raw" or "tree", var branch, .. var path]
            || github.Get("repository", $"{owner}/{name}".ToLowerInvariant()) is not { } repository)
        {
            return ([], $"Unable to read url, NotFoundError: Request failed for {target}, 404 Not Found");
        }

        var git = new GitStore(github, repository.Number("id")!.Value);
        var file = string.Join('/', path.Select(Uri.UnescapeDataString));
        if (git.Branch(branch) is not { } tip || !git.TreeOfCommit(tip).TryGetValue(file, out var blob))
        {
            return ([], $"Unable to read url, NotFoundError: Request failed for {target}, 404 Not Found");
        }

        var parsed = Yaml.ParseAll(Encoding.UTF8.GetString(git.Blob(blob)!));
        if (parsed is null)
        {
            return ([], $"YAML error at url:{target}");
        }

        var entities = parsed.OfType<JsonObject>().ToList();
        foreach (var entity in entities)
        {
            entity.Ensure("metadata").Ensure("annotations")["backstage.io/managed-by-location"] = "url:" + target;
        }

        return entities.Select(Problem).FirstOrDefault(p => p is not null) is { } problem ? ([], problem) : (entities, null);
    }

    /// <summary>What is wrong with an entity, or null.</summary>
    public static string? Problem(JsonObject entity)
    {
        var (kind, name) = (entity.Text("kind"), entity.Text("metadata", "name"));
        if (entity.Text("apiVersion") is not ("backstage.io/v1alpha1" or "backstage.io/v1beta1") || kind is null || !s_required.TryGetValue(kind, out var required))
        {
            return $"No processor recognized the entity {kind}:default/{name} as valid, possibly caused by a foreign kind or apiVersion";
        }

        if (name is null || name.Length > 63 || !Name().IsMatch(name))
        {
            return $"\"metadata.name\" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found \"{name}\"";
        }

        if (entity.Texts("metadata", "tags").FirstOrDefault(t => t.Length > 63 || !Tag().IsMatch(t)) is { } tag)
        {
            return $"\"tags\" is not valid; expected a string that is sequences of [a-z0-9+#] separated by [-], at most 63 characters in total but found \"{tag}\"";
        }

        return required.FirstOrDefault(field => entity.At("spec", field) is null) is { } missing
            ? $"Processor BuiltinKindsEntityProcessor threw an error while validating the entity {Key(entity)}; TypeError: /spec must have required property '{missing}'"
            : null;
    }

    public static JsonArray Relations(JsonObject entity)
    {
        var relations = new JsonArray();
        if (entity.Text("spec", "owner") is { } owner)
        {
            var reference = owner.Contains(':', StringComparison.Ordinal) ? owner : $"group:default/{owner}";
            relations.Add((JsonNode)new JsonObject { ["type"] = "ownedBy", ["targetRef"] = reference.ToLowerInvariant() });
        }

        return relations;
    }

    [GeneratedRegex("^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z0-9+#]+(-[a-z0-9+#]+)*$")]
    private static partial Regex Tag();
}
