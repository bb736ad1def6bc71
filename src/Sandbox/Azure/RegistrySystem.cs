using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>
/// A registry's own side at <c>{registry}.azurecr.io</c>: a token of Entra's buys a refresh token, that one a token for one repository with as
/// much of what was asked for as the caller may, and that one pushes and pulls. Images are their manifests.
/// </summary>
internal sealed class RegistrySystem : SandboxSystem
{
    public const string Domain = ".azurecr.io";

    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);
    private readonly SandboxContext _context;
    private readonly EntraTokens _tokens;

    public RegistrySystem(SandboxContext context, EntraTokens tokens)
    {
        (_context, _tokens) = (context, tokens);
        Routes =
        [
            new("POST", "/oauth2/exchange", Exchange),
            new("POST", "/oauth2/token", Token),
            new("PUT", "/v2/{**name}/manifests/{reference}", Push),
            new("GET", "/v2/{**name}/manifests/{reference}", Pull),
        ];
    }

    public override string Name => "registry";

    public override bool Tls => true;

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Authenticate(Call call) => null;

    public override Reply Error(Call call, int status) => status switch
    {
        401 or 403 => Failure(status, "UNAUTHORIZED", "authentication required"),
        404 => Failure(404, "MANIFEST_UNKNOWN", "manifest unknown"),
        429 => Failure(429, "TOOMANYREQUESTS", "too many requests").With("Retry-After", "1"),
        _ => Failure(status, status >= 500 ? "UNAVAILABLE" : "INVALID", "the request could not be processed"),
    };

    private static Reply Failure(int status, string code, string message) => Reply.Json(
        status, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) });

    private static Dictionary<string, string> Form(Call call) => call.Text.Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
        .ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p[1].Replace('+', ' ')), StringComparer.Ordinal);

    private static string Registry(Call call) => call.Host.Split('.', 2)[0].ToLowerInvariant();

    private string Issue(Call call, string audience, TokenClaims claims) =>
        _tokens.Issue(_context.Seed.TenantId, audience, claims.ObjectId, claims.ClientId, call.Now + s_lifetime);

    private Reply Exchange(Call call) =>
        _tokens.Read(Form(call).GetValueOrDefault("access_token", ""), call.Now) is { } claims
        && claims.Audience is "https://containerregistry.azure.net" or "https://management.azure.com"
            ? Reply.Json(200, new JsonObject { ["refresh_token"] = Issue(call, $"registry:{Registry(call)}", claims) })
            : Error(call, 401);

    /// <summary>The scope is <c>repository:NAME:ACTION,ACTION</c>; what may not be done is left out without a word, as real registries do.</summary>
    private Reply Token(Call call)
    {
        var form = Form(call);
        var arm = call.Documents.As("azure");
        var registry = arm.List("resource").Select(r => r.Body).FirstOrDefault(r =>
            r.Text("type") == "Microsoft.ContainerRegistry/registries" && r.Text("name")!.Equals(Registry(call), StringComparison.OrdinalIgnoreCase));
        if (registry is null
            || _tokens.Read(form.GetValueOrDefault("refresh_token", ""), call.Now) is not { } claims || claims.Audience != $"registry:{Registry(call)}"
            || form.GetValueOrDefault("scope", "").Split(':') is not ["repository", var name, var actions])
        {
            return Error(call, 401);
        }

        var granted = actions.Split(',').Where(a => RegistryRights.Allows(arm, registry, claims.ObjectId, a, name, _context.Options.RoleAssignmentPropagationDelay));
        return Reply.Json(200, new JsonObject { ["access_token"] = Issue(call, $"{Registry(call)}/{name}:{string.Join(',', granted)}", claims) });
    }

    private bool May(Call call, string action) =>
        call.Credential("Bearer") is { } token && _tokens.Read(token, call.Now) is { } claims
        && claims.Audience.Split(':') is [var image, var actions] && image == $"{Registry(call)}/{call["name"]}" && actions.Split(',').Contains(action, StringComparer.Ordinal);

    private static string Key(Call call) => $"{Registry(call)}/{call["name"]}:{call["reference"]}";

    private Reply Push(Call call)
    {
        if (!May(call, "push"))
        {
            return Error(call, 401);
        }

        call.Documents.Put("image", Key(call), new JsonObject { ["manifest"] = call.Text });
        return Reply.Empty(201);
    }

    private Reply Pull(Call call) =>
        !May(call, "pull") ? Error(call, 401)
        : call.Documents.Get("image", Key(call)) is { } image ? Reply.Text(200, image.Text("manifest")!, "application/vnd.oci.image.manifest.v1+json")
        : Error(call, 404);
}
