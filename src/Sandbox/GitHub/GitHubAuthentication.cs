using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Personal access tokens, the App's JWTs and the installation tokens that the App buys with them.</summary>
internal sealed class GitHubAuthentication(SandboxContext context)
{
    /// <summary>Login of the personal access token's owner, who administers the organization.</summary>
    public const string Bot = "platform-bot";

    /// <summary>Login under which the App itself works, with installation tokens.</summary>
    public const string BotUser = "platform-bot[bot]";

    /// <summary>Login of the read-only token's owner.</summary>
    public const string Reader = "auditor";

    private const string AppCaller = "app";
    private const int InstallationId = 7001;
    private static readonly TimeSpan s_tokenLifetime = TimeSpan.FromHours(1);
    private readonly GitHubPermissions _permissions = new(context);

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/app", _ => Reply.Json(200, new JsonObject { ["id"] = context.Credentials.GitHubAppId, ["slug"] = Bot, ["name"] = Bot })),
        new("GET", "/app/installations", call => call.Page([Installation(call)])),
        new("GET", "/app/installations/{id}", call => IsInstallation(call) ? Reply.Json(200, Installation(call)) : GitHubErrors.NotFound()),
        new("POST", "/app/installations/{id}/access_tokens", Issue),
        new("GET", "/orgs/{org}/installation", call => Reply.Json(200, Installation(call))),
        new("GET", "/repos/{owner}/{repo}/installation", call => Reply.Json(200, Installation(call))),
        new("GET", "/user", call => call.Caller == BotUser
            ? GitHubErrors.Reply(403, "Resource not accessible by integration")
            : Reply.Json(200, new JsonObject { ["login"] = call.Caller, ["id"] = 1, ["type"] = "User" })),
    ];

    public Reply? Authenticate(Call call)
    {
        var segments = Route.Segments(call.RawPath);
        if (call.Header("Authorization") is null)
        {
            if (call.Method == "GET" && Pages.IsPage(segments))
            {
                call.Caller = "anonymous";
                return null;
            }

            return GitHubErrors.Reply(401, "Requires authentication");
        }

        var token = call.Credential("Bearer", "token") ?? "";
        if (token.Count(c => c == '.') == 2)
        {
            return AuthenticateApp(call, token, segments);
        }

        call.Caller = token == context.Credentials.GitHubToken ? Bot
            : token == context.Credentials.GitHubReadToken ? Reader
            : IsInstallationToken(call, token) ? BotUser
            : "";
        if (call.Caller.Length == 0)
        {
            return GitHubErrors.Reply(401, "Bad credentials");
        }

        if (IsForApp(segments))
        {
            return GitHubErrors.Reply(401, "A JSON web token could not be decoded");
        }

        if (call.Caller == BotUser && _permissions.Refuse(call) is { } refused)
        {
            return refused;
        }

        return call.Caller == Reader && call.Method is not ("GET" or "HEAD")
            ? GitHubErrors.Reply(403, "Resource not accessible by personal access token").With("X-Accepted-GitHub-Permissions", "administration=write")
            : null;
    }

    private Reply? AuthenticateApp(Call call, string jwt, string[] segments)
    {
        call.Caller = AppCaller;
        if (context.Credentials.GitHubAppPublicKeyPem is not { } pem || Claims(jwt, pem) is not { } claims)
        {
            return GitHubErrors.Reply(401, "A JSON web token could not be decoded");
        }

        var now = call.Now.ToUnixTimeSeconds();
        var (issued, expires) = (claims.Number("iat") ?? 0, claims.Number("exp") ?? 0);
        if (expires <= now)
        {
            return GitHubErrors.Reply(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
        }

        if (expires > now + 600)
        {
            return GitHubErrors.Reply(401, "'Expiration time' claim ('exp') is too far in the future");
        }

        if (issued > now + 5)
        {
            return GitHubErrors.Reply(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
        }

        if (claims["iss"]?.ToString() != context.Credentials.GitHubAppId.ToString(CultureInfo.InvariantCulture))
        {
            return GitHubErrors.Reply(401, "Integration must generate a public key");
        }

        return IsForApp(segments) ? null : GitHubErrors.Reply(403, "Resource not accessible by integration");
    }

    private Reply Issue(Call call)
    {
        if (!IsInstallation(call))
        {
            return GitHubErrors.NotFound();
        }

        var token = $"ghs_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(18))}";
        var expires = call.Now + s_tokenLifetime;
        call.Documents.Put("installation-token", Hash(token), new JsonObject { ["expires_at"] = expires.Seconds() });
        return Reply.Json(201, new JsonObject
        {
            ["token"] = token,
            ["expires_at"] = expires.Seconds(),
            ["permissions"] = call.Object().Object("permissions")?.DeepClone() ?? Permissions(),
            ["repository_selection"] = "all",
        });
    }

    private JsonObject Installation(Call call) => new()
    {
        ["id"] = InstallationId,
        ["app_id"] = context.Credentials.GitHubAppId,
        ["app_slug"] = Bot,
        ["account"] = new JsonObject { ["login"] = context.Seed.Organization, ["type"] = "Organization" },
        ["access_tokens_url"] = $"{call.BaseUrl}/app/installations/{InstallationId}/access_tokens",
        ["repository_selection"] = "all",
        ["permissions"] = Permissions(),
        ["suspended_at"] = null,
    };

    private JsonObject Permissions() => context.Seed.GitHubPermissions is { } held
        ? new JsonObject(held.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value)))
        : new JsonObject { ["administration"] = "write", ["contents"] = "write", ["metadata"] = "read", ["actions"] = "write", ["environments"] = "write" };

    private static bool IsInstallation(Call call) => call["id"] == InstallationId.ToString(CultureInfo.InvariantCulture);

    private static bool IsForApp(string[] segments) => segments is ["app", ..] or ["orgs", _, "installation"] or ["repos", _, _, "installation"];

    private static bool IsInstallationToken(Call call, string token) =>
        Json.ToTime(call.Documents.Get("installation-token", Hash(token)).Text("expires_at")) is { } expires && expires > call.Now;

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static JsonObject? Claims(string jwt, string pem)
    {
        var parts = jwt.Split('.');
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(pem);
            var signed = key.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), FromBase64Url(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return signed && JsonNode.Parse(FromBase64Url(parts[0])).Text("alg") == "RS256" ? JsonNode.Parse(FromBase64Url(parts[1])) as JsonObject : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    private static byte[] FromBase64Url(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}
