using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Kubernetes;

internal static class Objects
{
    public static JsonObject Named(string apiVersion, string kind, string name) =>
        new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };

    public static JsonObject ConfigMap(string name) => Named("v1", "ConfigMap", name);

    public static JsonObject Quota(string name, params (string, string)[] hard)
    {
        var quota = Named("v1", "ResourceQuota", name);
        quota["spec"] = new JsonObject { ["hard"] = new JsonObject([.. hard.Select(h => KeyValuePair.Create(h.Item1, (JsonNode?)h.Item2))]) };
        return quota;
    }

    public static string Stable(JsonNode state) => state.ToJsonString();

    public static Task<Answer> KubernetesAsync(
        this SandboxFixture sandbox, string method, string path, JsonNode? body = null, string contentType = "application/json", string? token = null) =>
        sandbox.SendAsync(sandbox.Host.Kubernetes, method, path, body, token ?? sandbox.Host.Options.Credentials.KubernetesToken, contentType);

    public static Task<Answer> CreateNamespaceAsync(this SandboxFixture sandbox, string name) =>
        sandbox.KubernetesAsync("POST", "/api/v1/namespaces", Named("v1", "Namespace", name));

    public static Task<Answer> ApplyAsync(this SandboxFixture sandbox, string path, JsonObject body, string manager, bool force = false) =>
        sandbox.KubernetesAsync("PATCH", $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", body, "application/apply-patch+yaml");
}
