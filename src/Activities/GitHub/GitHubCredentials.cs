using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Net.Http.Headers;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>Where GitHub's bearer tokens come from.</summary>
internal interface IGitHubCredentials
{
    /// <summary>A token that is good now; with <paramref name="refresh"/> not the cached one.</summary>
    ValueTask<string> GetTokenAsync(bool refresh, CancellationToken cancellationToken);
}

/// <summary>A personal access token.</summary>
internal sealed class PersonalAccessToken(string token) : IGitHubCredentials
{
    public ValueTask<string> GetTokenAsync(bool refresh, CancellationToken cancellationToken) => new(token);
}

/// <summary>
/// Installation tokens of a GitHub App: a signed JWT buys a token that lives an hour, kept until five minutes before its end.
/// The JWT is dated a minute back, since GitHub refuses one from a clock that runs ahead.
/// </summary>
internal sealed class GitHubAppCredentials(HttpClient http, GitHubOptions options, TimeProvider time) : IGitHubCredentials, IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan JwtLife = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1);
    private long? installation = options.InstallationId;
    private string token = "";
    private DateTimeOffset expires;

    public async ValueTask<string> GetTokenAsync(bool refresh, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (refresh || time.GetUtcNow() + RefreshBefore >= expires)
                await RenewAsync(cancellationToken);
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    /// <summary>A JWT as this App, good for some minutes.</summary>
    internal string CreateJwt()
    {
        var now = time.GetUtcNow();
        var header = Part(new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT" });
        var claims = Part(new JsonObject
        {
            ["iat"] = (now - ClockSkew).ToUnixTimeSeconds(),
            ["exp"] = (now + JwtLife).ToUnixTimeSeconds(),
            ["iss"] = options.AppId,
        });
        using var key = RSA.Create();
        key.ImportFromPem(TrustedHttp.ReadPem(options.AppPrivateKey, options.AppPrivateKeyFile));
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url(signature)}";
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        installation ??= long.Parse((await AskAsync(HttpMethod.Get, $"orgs/{options.Organization}/installation", cancellationToken)).Text("id")!);
        var answer = await AskAsync(HttpMethod.Post, $"app/installations/{installation}/access_tokens", cancellationToken);
        token = answer.Text("token")!;
        expires = DateTimeOffset.Parse(answer.Text("expires_at")!, global::System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<JsonNode> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.UserAgent.ParseAdd("onramp/1.0");
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", CreateJwt());
        using var response = await http.SendAsync(request, cancellationToken);
        var reply = new ApiReply(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
        if (reply.IsSuccess)
            return reply.Object;
        var message = $"{method} {path}: {reply.Json.Text("message")}";
        throw reply.Status >= 500 || reply.Status == 429
            ? Failures.Transient("GitHub", message, reply.Status)
            : Failures.Of(ErrorTypes.PermissionDenied, "GitHub", message, "Check the App's id, key and installation.", reply.Status);
    }

    private static string Part(JsonObject json) => Base64Url(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Base64Url(byte[] bytes) => global::System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
