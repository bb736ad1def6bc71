using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests;

/// <summary>A clock that moves when told.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Code, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public int Status => (int)Code;

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(",", values) : "";
}

/// <summary>One running sandbox under a manual clock, and plain HTTP clients for it.</summary>
internal sealed class SandboxFixture : IAsyncDisposable
{
    private readonly HttpClient _client;

    private SandboxFixture(SandboxHost host, ManualTime time)
    {
        Host = host;
        Time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
    }

    public SandboxHost Host { get; }

    public ManualTime Time { get; }

    public static async Task<SandboxFixture> StartAsync(Action<SandboxOptions>? configure = null)
    {
        var time = new ManualTime();
        var options = new SandboxOptions { TimeProvider = time };
        configure?.Invoke(options);
        return new SandboxFixture(await SandboxHost.StartAsync(options), time);
    }

    public async Task<Answer> SendAsync(
        Uri system, string method, string path, JsonNode? body = null, string? token = null, string contentType = "application/json", params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), system.GetLeftPart(UriPartial.Authority) + path);
        request.Headers.TryAddWithoutValidation("User-Agent", "tests/1");
        if (token is { Length: > 0 })
        {
            request.Headers.TryAddWithoutValidation("Authorization", token.Contains(' ', StringComparison.Ordinal) ? token : $"Bearer {token}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body is JsonValue text && text.TryGetValue<string>(out var raw) ? raw : body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await _client.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public Task<Answer> GitHubAsync(string method, string path, JsonNode? body = null, string? token = null, params (string, string)[] headers) =>
        SendAsync(Host.GitHub, method, path, body, token ?? Host.Options.Credentials.GitHubToken, headers: headers);

    public async Task<JsonNode> ControlAsync(string method, string path, JsonNode? body = null)
    {
        var answer = await SendAsync(Host.GitHub, method, "/_sandbox/" + path, body);
        answer.Status.ShouldBeLessThan(300, answer.Body);
        return answer.Body.Length == 0 ? new JsonObject() : answer.Json;
    }

    public Task<JsonNode> StateAsync() => ControlAsync("GET", "state");

    public Task FaultAsync(JsonObject fault) => ControlAsync("POST", "faults", fault);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Host.DisposeAsync();
    }
}
