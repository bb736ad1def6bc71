using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Azure Resource Manager for one subscription.</summary>
internal sealed class ArmSystem : SandboxSystem
{
    private const int ReadBucket = 250;
    private const int WriteBucket = 200;
    private readonly SandboxContext _context;
    private readonly EntraTokens _tokens;
    private readonly AzureProviders _providers;
    private readonly ResourceGroups _groups;
    private readonly RoleAssignments _roles;
    private readonly KeyVaults _vaults;

    public ArmSystem(SandboxContext context, EntraTokens tokens)
    {
        (_context, _tokens) = (context, tokens);
        var (operations, locks, registries) = (new Operations(context.Options), new Locks(), new Registries());
        _providers = new AzureProviders(context);
        _groups = new ResourceGroups(context, operations, locks);
        _roles = new RoleAssignments(context);
        _vaults = new KeyVaults(context, operations);
        IReadOnlyList<ResourceKind> kinds =
        [
            .. _vaults.Kinds,
            .. new Identities(context).Kinds,
            .. registries.Kinds,
            new("Microsoft.OperationalInsights/workspaces", AzureOperationStyle.ProvisioningState, (_, _, _, _) => { }),
            new("Microsoft.Dashboard/grafana", AzureOperationStyle.AsyncOperation, (_, id, _, resource) =>
                resource["properties"]!["endpoint"] = $"https://{id.Name.ToLowerInvariant()}.{resource.Text("location")}.grafana.azure.com"),
        ];
        Routes =
        [
            .. operations.Routes,
            .. _vaults.Routes,
            .. registries.Routes,
            .. _providers.Routes,
            .. _roles.Routes,
            .. locks.Routes,
            .. new DiagnosticSettings().Routes,
            .. _groups.Routes,
            .. new Resources(context, operations, locks, kinds).Routes,
        ];
    }

    public override string Name => "azure";

    public override bool Tls => true;

    public override bool IgnoreCase => true;

    public override IReadOnlyList<Route> Routes { get; }

    public override ReadLag? Lag => _context.Options.AzureReadLag > TimeSpan.Zero
        ? new ReadLag(_context.Options.AzureReadLag, kind => kind is "resource" or "resource-group" or "role-assignment" or "deleted-vault")
        : null;

    public override bool IsSoftDeleted(string kind) => kind == "deleted-vault";

    public override bool IsTransient(string kind) => kind == "operation";

    public override void Seed(Documents documents)
    {
        _providers.Seed(documents);
        _groups.Seed(documents);
        _roles.Seed(documents);
    }

    public override void OnDue(Documents documents, string action, string key)
    {
        switch (action)
        {
            case "created":
                Resources.OnCreated(documents, key, _context.Seed.ProvisioningFailures);
                break;
            case "delete-group":
                ResourceGroups.OnDeleted(documents, key, _vaults.SoftDelete);
                break;
            case "purge-vault":
                KeyVaults.OnPurge(documents, key);
                break;
            case "register":
                AzureProviders.OnRegistered(documents, key);
                break;
        }
    }

    public override Reply? Authenticate(Call call)
    {
        if (call.Credential("Bearer") is not { } token)
        {
            return AzureErrors.Reply(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
                .With("WWW-Authenticate", $"Bearer authorization_uri=\"{call.BaseUrl}/{_context.Seed.TenantId}\", error=\"invalid_token\"");
        }

        if (_tokens.Read(token, call.Now) is not { } claims || !IsAudience(call, claims.Audience))
        {
            return Error(call, 401);
        }

        call.Caller = claims.ObjectId;
        if (call.Parameter("api-version") is null or "")
        {
            return AzureErrors.Reply(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        }

        if (claims.ObjectId != RoleAssignments.OrchestratorObjectId)
        {
            return AzureErrors.Reply(
                403,
                "AuthorizationFailed",
                $"The client '{claims.ClientId}' with object id '{claims.ObjectId}' does not have authorization to perform action over scope '{call.RawPath}' or the scope is invalid. If access was recently granted, please refresh your credentials.");
        }

        if (_context.Seed.AzureRights is { } rights && AzureRights.Refuse(call, claims, rights) is { } refused)
        {
            return refused;
        }

        var segments = Route.Segments(call.RawPath);
        return segments is [var first, var subscription, ..] && first.Equals("subscriptions", StringComparison.OrdinalIgnoreCase)
            && !subscription.Equals(_context.Seed.SubscriptionId, StringComparison.OrdinalIgnoreCase)
            ? AzureErrors.Reply(404, "SubscriptionNotFound", $"The subscription '{subscription}' could not be found.")
            : null;
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => AzureErrors.Reply(401, "InvalidAuthenticationToken", "The access token is invalid."),
        403 => AzureErrors.Reply(403, "AuthorizationFailed", "The client does not have authorization to perform action or the scope is invalid. If access was recently granted, please refresh your credentials."),
        404 => AzureErrors.Reply(404, "ResourceNotFound", $"The resource '{call.RawPath}' was not found."),
        405 => AzureErrors.Reply(405, "MethodNotAllowed", $"The requested resource does not support http method '{call.Method}'."),
        409 => AzureErrors.Reply(409, "AnotherOperationInProgress", "Another operation is in progress on the selected resource."),
        429 => AzureErrors.Reply(429, "TooManyRequests", "The request is being throttled as the limit has been reached.").With("Retry-After", "1"),
        503 => AzureErrors.Reply(503, "ServiceUnavailable", "The service is temporarily unavailable."),
        >= 500 => AzureErrors.Reply(status, "InternalServerError", "Encountered internal server error."),
        _ => AzureErrors.Reply(status, "BadRequest", "The request is invalid."),
    };

    public override Reply Finish(Call call, Reply reply)
    {
        var id = Guid.NewGuid().ToString();
        var (kind, bucket) = call.Method switch { "GET" or "HEAD" => ("reads", ReadBucket), "DELETE" => ("deletes", WriteBucket), _ => ("writes", WriteBucket) };
        reply.With("x-ms-request-id", id)
            .With("x-ms-correlation-request-id", call.Header("x-ms-correlation-request-id") ?? id)
            .With("x-ms-routing-request-id", $"UKSOUTH:{call.Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}:{id}")
            .With($"x-ms-ratelimit-remaining-subscription-{kind}", (bucket - 1).ToString(CultureInfo.InvariantCulture))
            .With("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
            .With("Cache-Control", "no-cache");
        return call.Header("x-ms-return-client-request-id") == "true" && call.Header("x-ms-client-request-id") is { } client
            ? reply.With("x-ms-client-request-id", client)
            : reply;
    }

    private static bool IsAudience(Call call, string audience) => audience.TrimEnd('/') is var plain
        && (plain is "https://management.azure.com" or "https://management.core.windows.net" || plain.Equals(call.BaseUrl, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Everything of Azure behind one port: the host names a vault or a registry, the path names the login, and the rest is Resource Manager.</summary>
internal sealed class AzureSystem : SystemSelector
{
    private readonly ArmSystem _arm;
    private readonly LoginSystem _login;
    private readonly KeyVaultSystem _vault;
    private readonly RegistrySystem _registry;

    public AzureSystem(SandboxContext context)
    {
        var tokens = new EntraTokens(context.Store);
        (_arm, _login) = (new ArmSystem(context, tokens), new LoginSystem(context, tokens));
        (_vault, _registry) = (new KeyVaultSystem(context, tokens), new RegistrySystem(context, tokens));
    }

    public override string Name => "azure";

    public override bool Tls => true;

    public override IReadOnlyList<Route> Routes => [];

    public override IReadOnlyList<SandboxSystem> Systems => [_arm, _login, _vault, _registry];

    public override Reply? Authenticate(Call call) => null;

    public override Reply Error(Call call, int status) => _arm.Error(call, status);

    public override SandboxSystem Select(string host, string path) =>
        host.EndsWith(RegistrySystem.Domain, StringComparison.OrdinalIgnoreCase) ? _registry
        : host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".vault.azure.net", StringComparison.OrdinalIgnoreCase) ? _vault
        : LoginSystem.Serves(path) ? _login
        : _arm;
}
