using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Http;
using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>Somebody else, acting on the systems beside the run.</summary>
internal sealed class SandboxApi(SandboxHost sandbox) : IDisposable
{
    private readonly HttpClient http = new(TrustedHttp.CreateHandler(sandbox.CertificateAuthorityPem));

    public Task<JsonNode?> GitHubAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(sandbox.GitHub, path), method, body, sandbox.Options.Credentials.GitHubToken);

    public Task<JsonNode?> KubernetesAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(sandbox.Kubernetes, path), method, body, sandbox.Options.Credentials.KubernetesToken);

    public Task<JsonNode?> GrafanaAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(sandbox.Grafana, path), method, body, sandbox.Options.Credentials.GrafanaToken);

    public Task<JsonNode?> CatalogAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(sandbox.Catalog, path), method, body, sandbox.Options.Credentials.CatalogToken);

    /// <summary>With <paramref name="untilSeen"/> what was put is there for readers, too, who lag behind.</summary>
    public async Task<JsonNode?> AzureAsync(string method, string path, JsonNode? body = null, bool untilSeen = true)
    {
        var credentials = sandbox.Options.Credentials;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = credentials.AzureClientId,
            ["client_secret"] = credentials.AzureClientSecret,
            ["scope"] = "https://management.azure.com/.default",
        });
        using var login = await http.PostAsync(new Uri(sandbox.AzureLogin, $"/{sandbox.Options.Seed.TenantId}/oauth2/v2.0/token"), form);
        var token = JsonNode.Parse(await login.Content.ReadAsStringAsync())!["access_token"]!.ToString();
        var answer = await SendAsync(new Uri(sandbox.Azure, path), method, body, token);
        if (method == "PUT" && untilSeen)
            await Task.Delay(sandbox.Options.AzureReadLag + TimeSpan.FromMilliseconds(5), TimeProvider.System);
        return answer;
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonNode?> SendAsync(Uri uri, string method, JsonNode? body, string token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Headers.UserAgent.ParseAdd("somebody-else/1.0");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {uri}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
