using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Grafana;

/// <summary>Grafana's HTTP API (12), the legacy paths that work in every version.</summary>
internal sealed class GrafanaSystem : SandboxSystem
{
    private const string Admin = "sa-platform";
    private const string Viewer = "sa-viewer";
    private readonly SandboxContext _context;

    public GrafanaSystem(SandboxContext context)
    {
        _context = context;
        Routes =
        [
            new("GET", "/api/health", _ => Reply.Json(200, new JsonObject { ["database"] = "ok", ["version"] = "12.1.0", ["commit"] = "sandbox" })),
            new("GET", "/api/org", _ => Reply.Json(200, new JsonObject { ["id"] = 1, ["name"] = context.Seed.Organization })),
            .. new Folders(context).Routes,
            .. new Dashboards(context).Routes,
            .. new AlertRules().Routes,
            .. new DataSources().Routes,
        ];
    }

    public override string Name => "grafana";

    public override IReadOnlyList<Route> Routes { get; }

    public static Reply Message(int status, string message, string? code = null)
    {
        var body = new JsonObject { ["message"] = message };
        if (code is not null)
        {
            body["status"] = code;
        }

        return Reply.Json(status, body);
    }

    public static JsonObject Body(Call call) => call.TryReadObject() ?? throw new Refusal(Message(400, "bad request data"));

    public override Reply? Authenticate(Call call)
    {
        var token = call.Credential("Bearer");
        if (token is null && call.Method == "GET" && (call.RawPath == "/api/health" || !call.RawPath.StartsWith("/api/", StringComparison.Ordinal)))
        {
            return null;
        }

        call.Caller = token == _context.Credentials.GrafanaToken ? Admin : token == _context.Credentials.GrafanaReadToken ? Viewer : "";
        return call.Caller.Length == 0 ? Error(call, 401)
            : call.Caller == Viewer && call.Method != "GET" ? Error(call, 403)
            : call.Caller == Admin && _context.Seed.GrafanaPermissions is { } held ? GrafanaPermissions.Refuse(call, held)
            : null;
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => Message(401, call.Header("Authorization") is null ? "Unauthorized" : "Invalid API key"),
        403 => Reply.Json(403, new JsonObject
        {
            ["message"] = "You'll need additional permissions to perform this action.", ["title"] = "Access denied", ["accessErrorId"] = "ACE0000000001",
        }),
        404 => Message(404, "Not found"),
        412 => Message(412, "The dashboard has been changed by someone else", "version-mismatch"),
        429 => Message(429, "Too many requests").With("Retry-After", "1"),
        _ => Message(status, status >= 500 ? "Internal Server Error" : "bad request data"),
    };

    public override void Seed(Documents documents) => documents.Put("data-source", "prometheus", new JsonObject
    {
        ["id"] = documents.Next("data-source"),
        ["uid"] = "prometheus",
        ["name"] = "Prometheus",
        ["type"] = "prometheus",
        ["access"] = "proxy",
        ["url"] = "http://prometheus:9090",
        ["isDefault"] = true,
        ["version"] = 1,
    });
}
