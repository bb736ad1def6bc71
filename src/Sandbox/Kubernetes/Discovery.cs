using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>What kubectl and client libraries ask before anything else: versions, groups, resources, and a thin OpenAPI.</summary>
internal sealed class Discovery
{
    private static readonly string[] s_verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] s_parameters = ["fieldValidation", "dryRun", "fieldManager", "force"];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/version", _ => Raw(Version())),
        new("GET", "/healthz", _ => Reply.Text(200, "ok")),
        new("GET", "/livez", _ => Reply.Text(200, "ok")),
        new("GET", "/readyz", _ => Reply.Text(200, "ok")),
        new("GET", "/api", _ => Raw(new JsonObject { ["kind"] = "APIVersions", ["versions"] = Json.TextArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() })),
        new("GET", "/apis", call => Raw(new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = Json.ToArray(Groups(call).Select(Group)) })),
        new("GET", "/api/v1", call => Resources(call, "v1")),
        new("GET", "/apis/{group}", ShowGroup),
        new("GET", "/apis/{group}/{version}", call => Resources(call, $"{call["group"]}/{call["version"]}")),
        new("GET", "/openapi/v3", OpenApiIndex),
        new("GET", "/openapi/v3/{**path}", OpenApi),
    ];

    private static Reply Raw(JsonObject body) => Reply.Json(200, body, "application/json");

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = "v1.32.4",
        ["gitCommit"] = "0000000000000000000000000000000000000000",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-04-22T15:56:00Z",
        ["goVersion"] = "go1.23.6",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };

    private static IEnumerable<IGrouping<string, ResourceType>> Groups(Call call) =>
        ResourceType.Served(call.Documents).Where(t => t.Group.Length > 0).GroupBy(t => t.Group, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);

    private static JsonNode Group(IGrouping<string, ResourceType> group)
    {
        var versions = group.Select(t => t.Version).Distinct(StringComparer.Ordinal)
            .Select(v => (JsonNode)new JsonObject { ["groupVersion"] = $"{group.Key}/{v}", ["version"] = v }).ToList();
        return new JsonObject { ["name"] = group.Key, ["versions"] = Json.ToArray(versions), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private static Reply ShowGroup(Call call)
    {
        if (Groups(call).FirstOrDefault(g => g.Key == call["group"]) is not { } group)
        {
            return NotFound();
        }

        var shown = Group(group).AsObject();
        shown["kind"] = "APIGroup";
        shown["apiVersion"] = "v1";
        return Raw(shown);
    }

    private static Reply NotFound() => KubernetesErrors.Status(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    private static Reply Resources(Call call, string groupVersion)
    {
        var types = ResourceType.Served(call.Documents).Where(t => t.GroupVersion == groupVersion).ToList();
        return types.Count == 0
            ? NotFound()
            : Raw(new JsonObject
            {
                ["kind"] = "APIResourceList",
                ["apiVersion"] = "v1",
                ["groupVersion"] = groupVersion,
                ["resources"] = Json.ToArray(types.Select(t => (JsonNode)new JsonObject
                {
                    ["name"] = t.Plural,
                    ["singularName"] = t.Singular,
                    ["namespaced"] = t.Namespaced,
                    ["kind"] = t.Kind,
                    ["verbs"] = Json.TextArray(s_verbs),
                    ["shortNames"] = Json.TextArray(t.ShortNames),
                })),
            });
    }

    private static Reply OpenApiIndex(Call call)
    {
        var paths = new JsonObject();
        foreach (var version in ResourceType.Served(call.Documents).Select(t => t.GroupVersion).Distinct(StringComparer.Ordinal))
        {
            var path = version == "v1" ? "api/v1" : $"apis/{version}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}" };
        }

        return Raw(new JsonObject { ["paths"] = paths });
    }

    /// <summary>One patch entry for each kind: kubectl looks there whether <c>fieldValidation</c> is known.</summary>
    private static Reply OpenApi(Call call)
    {
        var root = call["path"];
        var version = root.StartsWith("apis/", StringComparison.Ordinal) ? root["apis/".Length..] : root["api/".Length..];
        var paths = new JsonObject();
        foreach (var type in ResourceType.Served(call.Documents).Where(t => t.GroupVersion == version))
        {
            paths[$"/{root}/{(type.Namespaced ? "namespaces/{namespace}/" : "")}{type.Plural}/{{name}}"] = new JsonObject
            {
                ["patch"] = new JsonObject
                {
                    ["operationId"] = "patch" + type.Kind,
                    ["x-kubernetes-action"] = "patch",
                    ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind },
                    ["parameters"] = Json.ToArray(s_parameters.Select(p => (JsonNode)new JsonObject
                    {
                        ["name"] = p, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = p == "force" ? "boolean" : "string" },
                    })),
                    ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
                },
            };
        }

        return paths.Count == 0 ? NotFound() : Raw(new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.4" },
            ["components"] = new JsonObject { ["schemas"] = new JsonObject() },
            ["paths"] = paths,
        });
    }
}
