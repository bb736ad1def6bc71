using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.PagerDuty;

/// <summary>PagerDuty's Events API v2: one alert for a deduplication key, however often it is triggered.</summary>
internal sealed class PagerDutySystem : SandboxSystem
{
    private const int KeyLength = 32;
    private static readonly string[] s_severities = ["critical", "error", "warning", "info"];
    private readonly SandboxContext _context;

    public PagerDutySystem(SandboxContext context)
    {
        _context = context;
        Routes = [new("POST", "/v2/enqueue", Enqueue)];
    }

    public override string Name => "pagerduty";

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Authenticate(Call call) => null;

    public override Reply Error(Call call, int status) => status switch
    {
        429 => Invalid(429, "Too many requests").With("Retry-After", "1"),
        >= 500 => Invalid(status, "Internal Server Error"),
        _ => Invalid(status, "Event object is invalid"),
    };

    private static Reply Invalid(int status, params string[] errors) => Reply.Json(status, new JsonObject
    {
        ["status"] = status == 400 ? "invalid event" : "throttle exceeded",
        ["message"] = status == 400 ? "Event object is invalid" : errors[0],
        ["errors"] = Json.TextArray(errors),
    });

    private Reply Enqueue(Call call)
    {
        if (call.TryReadObject() is not { } body)
        {
            return Invalid(400, "Event object is not valid JSON");
        }

        if (body.Text("routing_key")?.Length != KeyLength)
        {
            return Invalid(400, "Length of 'routing_key' is incorrect (should be 32 characters)");
        }

        // A key of another kind of integration, or of one that was removed.
        if (body.Text("routing_key") != _context.Credentials.PagerDutyRoutingKey)
        {
            return Invalid(400, "Invalid routing key");
        }

        var action = body.Text("event_action");
        if (action is not ("trigger" or "acknowledge" or "resolve"))
        {
            return Invalid(400, "'event_action' is missing or not one of trigger, acknowledge, resolve");
        }

        if (action == "trigger" && (string.IsNullOrEmpty(body.Text("payload", "summary")) || string.IsNullOrEmpty(body.Text("payload", "source"))
            || !s_severities.Contains(body.Text("payload", "severity") ?? "", StringComparer.Ordinal)))
        {
            return Invalid(400, "'payload.summary', 'payload.source' and a known 'payload.severity' are required");
        }

        var key = body.Text("dedup_key") ?? Convert.ToHexStringLower(call.Documents.NextBytes())[..32];
        if (action != "trigger" && body.Text("dedup_key") is null)
        {
            return Invalid(400, "'dedup_key' is missing or blank");
        }

        var before = call.Documents.Get("alert", key);
        if (before is not null || action == "trigger")
        {
            call.Documents.Put("alert", key, new JsonObject
            {
                ["status"] = action switch { "trigger" => "triggered", "acknowledge" => "acknowledged", _ => "resolved" },
                ["triggers"] = (before.Number("triggers") ?? 0) + (action == "trigger" ? 1 : 0),
                ["payload"] = action == "trigger" ? body["payload"].Copy() : before?["payload"].Copy(),
            });
        }

        return Reply.Json(202, new JsonObject { ["status"] = "success", ["message"] = "Event processed", ["dedup_key"] = key });
    }
}
