using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>Entra ID's token endpoint: client secrets, and assertions that a federated credential vouches for.</summary>
internal sealed class LoginSystem : SandboxSystem
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(3599);
    private readonly SandboxContext _context;
    private readonly EntraTokens _tokens;

    public LoginSystem(SandboxContext context, EntraTokens tokens)
    {
        (_context, _tokens) = (context, tokens);
        Routes =
        [
            new("POST", "/{tenant}/oauth2/v2.0/token", Token),
            new("GET", "/{tenant}/v2.0/.well-known/openid-configuration", Configuration),
            new("GET", "/{tenant}/discovery/instance", Discover),
        ];
    }

    public override string Name => "login";

    public override bool Tls => true;

    public override IReadOnlyList<Route> Routes { get; }

    public static bool Serves(string path) =>
        path.Contains("/oauth2/", StringComparison.Ordinal) || path.Contains("/.well-known/", StringComparison.Ordinal) || path.Contains("/discovery/instance", StringComparison.Ordinal);

    public override Reply? Authenticate(Call call) => null;

    public override Reply Error(Call call, int status) => Failure(status, status >= 500 ? "temporarily_unavailable" : "invalid_request", 90033, "A transient error has occurred.");

    private static Reply Failure(int status, string error, int code, string message) => Reply.Json(status, new JsonObject
    {
        ["error"] = error,
        ["error_description"] = $"AADSTS{code}: {message}",
        ["error_codes"] = new JsonArray(code),
    });

    private Reply Token(Call call)
    {
        if (!call["tenant"].Equals(_context.Seed.TenantId, StringComparison.OrdinalIgnoreCase))
        {
            return Failure(400, "invalid_request", 90002, $"Tenant '{call["tenant"]}' not found.");
        }

        var form = call.Text.Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
            .ToDictionary(p => Decode(p[0]), p => Decode(p[1]), StringComparer.Ordinal);
        string Field(string name) => form.GetValueOrDefault(name, "");

        if (Field("grant_type") != "client_credentials")
        {
            return Failure(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
        }

        if (!Field("scope").EndsWith("/.default", StringComparison.Ordinal))
        {
            return Failure(400, "invalid_scope", 1002012, $"The provided value for scope {Field("scope")} is not valid.");
        }

        var audience = Field("scope")[..^"/.default".Length].TrimEnd('/');
        var client = Field("client_id");
        return form.ContainsKey("client_assertion") ? WithAssertion(call, client, audience, Field("client_assertion"))
            : !client.Equals(_context.Credentials.AzureClientId, StringComparison.OrdinalIgnoreCase)
                ? Failure(400, "unauthorized_client", 700016, $"Application with identifier '{client}' was not found in the directory.")
            : Field("client_secret") != _context.Credentials.AzureClientSecret
                ? Failure(401, "invalid_client", 7000215, "Invalid client secret provided.")
            : Issued(call, audience, RoleAssignments.OrchestratorObjectId, client);
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    /// <summary>Issuer, subject and audience must match a federated credential exactly; whose signature it is can't be told here.</summary>
    private Reply WithAssertion(Call call, string client, string audience, string assertion)
    {
        var claims = assertion.Split('.') is [_, var payload, _] ? EntraTokens.Decode(payload) : null;
        var arm = call.Documents.As("azure");
        var identity = arm.List("resource").Find(r => r.Body.Text("properties", "clientId")?.Equals(client, StringComparison.OrdinalIgnoreCase) == true);
        if (identity.Body is null || claims is null)
        {
            return Failure(400, "unauthorized_client", 700016, $"Application with identifier '{client}' was not found in the directory.");
        }

        var matches = arm.List("resource", identity.Key + "/federatedidentitycredentials/").Exists(c =>
            c.Body.Text("properties", "issuer") == claims.Text("iss")
            && c.Body.Text("properties", "subject") == claims.Text("sub")
            && c.Body.Texts("properties", "audiences").Contains(claims.Text("aud") ?? claims.Texts("aud").FirstOrDefault() ?? "", StringComparer.Ordinal));
        return matches
            ? Issued(call, audience, identity.Body.Text("properties", "principalId")!, client)
            : Failure(401, "invalid_client", 700213, $"No matching federated identity record found for presented assertion subject '{claims.Text("sub")}'.");
    }

    private Reply Issued(Call call, string audience, string objectId, string client) => Reply.Json(200, new JsonObject
    {
        ["token_type"] = "Bearer",
        ["expires_in"] = (int)s_lifetime.TotalSeconds,
        ["ext_expires_in"] = (int)s_lifetime.TotalSeconds,
        ["access_token"] = _tokens.Issue(_context.Seed.TenantId, audience, objectId, client, call.Now + s_lifetime),
    });

    private static Reply Configuration(Call call) => Reply.Json(200, new JsonObject
    {
        ["token_endpoint"] = $"{call.BaseUrl}/{call["tenant"]}/oauth2/v2.0/token",
        ["authorization_endpoint"] = $"{call.BaseUrl}/{call["tenant"]}/oauth2/v2.0/authorize",
        ["issuer"] = $"{call.BaseUrl}/{call["tenant"]}/v2.0",
        ["jwks_uri"] = $"{call.BaseUrl}/{call["tenant"]}/discovery/v2.0/keys",
    });

    private static Reply Discover(Call call) => Reply.Json(200, new JsonObject
    {
        ["tenant_discovery_endpoint"] = $"{call.BaseUrl}/{call["tenant"]}/v2.0/.well-known/openid-configuration",
        ["api-version"] = "1.1",
        ["metadata"] = new JsonArray(),
    });
}
