using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Chat;

/// <summary>Slack's incoming webhooks and Teams' workflow webhooks. Messages are kept in the order in which they came.</summary>
internal sealed class ChatSystem : SandboxSystem
{
    private const string WebhookChannel = "#onramp";
    private const int MaxBlocks = 50;
    private const int MaxSectionText = 3000;

    /// <summary>Characters of all blocks together; Slack tells this limit nowhere.</summary>
    private const int MaxTextOfBlocks = 13200;
    private const string PostScope = "chat:write";
    private const int MaxCardBytes = 28 * 1024;
    private readonly SandboxContext _context;

    public ChatSystem(SandboxContext context)
    {
        _context = context;
        Routes =
        [
            new("POST", "/services/{team}/{hook}/{secret}", Slack),
            new("POST", "/api/chat.postMessage", PostMessage),
            new("POST", "/workflows/{**flow}", Teams),
        ];
    }

    public override string Name => "chat";

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Authenticate(Call call) => null;

    public override Reply Error(Call call, int status) => status switch
    {
        _ when !IsSlack(call) => Reply.Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = "WorkflowError", ["message"] = "The workflow could not be triggered." } }),
        404 => Reply.Text(404, "no_service"),
        403 => Reply.Text(403, "invalid_token"),
        410 => Reply.Text(410, "channel_is_archived"),
        429 => Reply.Text(429, "rate_limited").With("Retry-After", "1"),
        >= 500 => Reply.Text(status, "rollup_error"),
        _ => Reply.Text(status, "invalid_payload"),
    };

    public override string LedgerPath(string path)
    {
        var segments = Route.Segments(path);
        return segments is ["services", var team, var hook, _] ? $"/services/{team}/{hook}/***" : path;
    }

    private static bool IsSlack(Call call) => !call.RawPath.StartsWith("/workflows/", StringComparison.Ordinal);

    private Reply Slack(Call call)
    {
        if (call["team"] != "T0SANDBOX" || call["hook"] != "B0SANDBOX")
        {
            return Reply.Text(404, "no_service");
        }

        if (call["secret"] != _context.Credentials.SlackWebhookSecret)
        {
            return Reply.Text(403, "invalid_token");
        }

        var text = call.MediaType == "application/x-www-form-urlencoded" && call.Text.StartsWith("payload=", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(call.Text["payload=".Length..].Replace('+', ' '))
            : call.Text;
        if (text.Length == 0 || Parse(text) is not { } message)
        {
            return Reply.Text(400, "invalid_payload");
        }

        if (string.IsNullOrEmpty(message.Text("text")) && message.Array("blocks") is not { Count: > 0 } && message.Array("attachments") is not { Count: > 0 })
        {
            return Reply.Text(400, "no_text");
        }

        if (IsBeyondLimits(message))
        {
            return Reply.Text(400, "invalid_blocks");
        }

        // A webhook posts to the channel that it was made for; a channel in the message is taken and changes nothing.
        Keep(call, "slack", message, WebhookChannel);
        return Reply.Text(200, "ok", "text/html");
    }

    /// <summary>The Web API's way: by a bot's token, to the channel that is named, with every refusal in the body of a 200.</summary>
    private Reply PostMessage(Call call)
    {
        static Reply Refused(string error) => Reply.Json(200, new JsonObject { ["ok"] = false, ["error"] = error });

        if (call.Credential("Bearer") is not { } token)
        {
            return Refused("not_authed");
        }

        if (token != _context.Credentials.SlackBotToken)
        {
            return Refused("invalid_auth");
        }

        if (_context.Seed.SlackScopes is { } scopes && !scopes.Contains(PostScope, StringComparer.Ordinal))
        {
            return Reply.Json(200, new JsonObject
            {
                ["ok"] = false, ["error"] = "missing_scope", ["needed"] = PostScope, ["provided"] = string.Join(',', scopes),
            });
        }

        if (Parse(call.Text) is not { } message)
        {
            return Refused("invalid_json");
        }

        var channel = message.Text("channel") ?? "";
        if (!_context.Seed.SlackChannels.Contains(channel, StringComparer.Ordinal))
        {
            return Refused(
                _context.Seed.SlackArchivedChannels.Contains(channel, StringComparer.Ordinal) ? "is_archived"
                : _context.Seed.SlackOtherChannels.Contains(channel, StringComparer.Ordinal) ? "not_in_channel"
                : "channel_not_found");
        }

        if (string.IsNullOrEmpty(message.Text("text")) && message.Array("blocks") is not { Count: > 0 })
        {
            return Refused("no_text");
        }

        if (IsBeyondLimits(message))
        {
            return Refused("invalid_blocks");
        }

        if (TextOfBlocks(message) > MaxTextOfBlocks)
        {
            return Refused("msg_blocks_too_long");
        }

        Keep(call, "slack", message, channel);
        return Reply.Json(200, new JsonObject { ["ok"] = true, ["channel"] = channel, ["ts"] = call.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) });
    }

    private static bool IsBeyondLimits(JsonObject message) =>
        message.Array("blocks") is { } blocks
        && (blocks.Count > MaxBlocks || blocks.Any(b => b.Text("type") == "section" && b.Text("text", "text") is not { Length: > 0 and <= MaxSectionText }));

    private static int TextOfBlocks(JsonObject message) => (message.Array("blocks") ?? []).Sum(b => b.Text("text", "text")?.Length ?? 0);

    private Reply Teams(Call call)
    {
        if (call.Parameter("sig") != _context.Credentials.TeamsWebhookSignature)
        {
            return Reply.Json(401, new JsonObject
            {
                ["error"] = new JsonObject { ["code"] = "DirectApiAuthorizationRequired", ["message"] = "The request signature is missing or invalid." },
            });
        }

        if (call.Body.Length > MaxCardBytes)
        {
            return Reply.Json(413, new JsonObject { ["error"] = new JsonObject { ["code"] = "RequestEntityTooLarge", ["message"] = "The card is too large." } });
        }

        var cards = Parse(call.Text).Array("attachments");
        if (cards is not { Count: > 0 } || !cards.All(c => c.Text("contentType") == "application/vnd.microsoft.card.adaptive" && c.Text("content", "type") == "AdaptiveCard"))
        {
            return Reply.Json(400, new JsonObject { ["error"] = new JsonObject { ["code"] = "TriggerInputSchemaMismatch", ["message"] = "The input body for trigger 'manual' did not match its schema definition." } });
        }

        Keep(call, "teams", Parse(call.Text)!, null);
        return Reply.Empty(202);
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static void Keep(Call call, string to, JsonObject message, string? channel) => call.Documents.Put(
        "message",
        call.Documents.Next("message").ToString("D6", CultureInfo.InvariantCulture),
        new JsonObject { ["to"] = to, ["channel"] = channel, ["time"] = call.Now.Fractions(), ["message"] = message.Copy() });
}
