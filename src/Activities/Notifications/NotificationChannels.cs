using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Notifications;

/// <summary>One message to one place, ready to be posted.</summary>
internal sealed record OutgoingMessage(string Channel, Uri Target, JsonObject Body, string? BearerToken)
{
    private const int ShortestSecret = 5;

    /// <summary>Where it goes when that place doesn't take it, by the reason; null: nowhere.</summary>
    public Func<string, OutgoingMessage?>? Instead { get; init; }

    /// <summary>A key within the body.</summary>
    public string? Key { get; init; }

    /// <summary>What is secret about it. Of a webhook that is its address, all of it that isn't the host.</summary>
    private IEnumerable<string> Secrets => new[] { BearerToken, Key }.OfType<string>()
        .Concat(BearerToken is null && Key is null ? Parts(Target) : [])
        .Where(s => s.Length >= ShortestSecret).OrderByDescending(s => s.Length);

    /// <summary>An answer without what it quotes of the secrets: proxies and services are known to answer with the request.</summary>
    public string Redact(string answer) => Secrets.Aggregate(answer, (text, secret) => text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Parts(Uri address) =>
        from part in new[] { address.PathAndQuery }.Concat(address.PathAndQuery.Split('/', '?', '&', '='))
        from spelled in new[] { part, Uri.UnescapeDataString(part) }
        select spelled;
}

/// <summary>What is sent where: pure functions of the notification and the options.</summary>
internal static class NotificationChannels
{
    /// <summary>PagerDuty's limit for a summary; characters and bytes that leave a card within Teams' 28 KB.</summary>
    private const int MaxSummary = 1000;
    private const int MaxCardText = 6000;
    private const int MaxCardBytes = 20 * 1024;

    /// <summary>As messages are sent: characters as they are, where the default writes six bytes for most.</summary>
    public static JsonSerializerOptions Wire { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Occasions on which somebody is paged.</summary>
    private static readonly IReadOnlyList<string> Paging = [NotificationKinds.UndoFailing, NotificationKinds.ApprovalEscalation];

    public static IReadOnlyList<OutgoingMessage> For(NotificationInput input, NotificationOptions options)
    {
        var messages = SlackMessages.For(input, options).ToList();
        if (options.TeamsWebhookUrl is { Length: > 0 } teams)
            messages.Add(new OutgoingMessage("teams", new Uri(teams), Teams(input), null));
        if (options.MailUrl is { Length: > 0 } mail && Addresses(input).Count > 0)
            messages.Add(new OutgoingMessage("mail", new Uri($"{mail.TrimEnd('/')}/v3/mail/send"), Mail(input, options), options.MailToken));
        if (options.PagerDutyRoutingKey is { Length: > 0 } key && Paging.Contains(input.Kind))
            messages.Add(new OutgoingMessage("pagerduty", new Uri($"{options.PagerDutyUrl.TrimEnd('/')}/v2/enqueue"), Page(input, key), null) { Key = key });
        return messages;
    }

    private static string DedupKey(NotificationInput input) => $"{input.Key.Mark}/{input.Kind}";

    private static IReadOnlyList<string> Addresses(NotificationInput input) =>
        input.Emails.Count > 0 ? [.. input.Emails.Distinct(StringComparer.OrdinalIgnoreCase)] : input.Email.Length > 0 ? [input.Email] : [];

    /// <summary>One line: what would begin a new line of a header, or of a page, doesn't.</summary>
    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)]);

    /// <summary>Text that is shown as it is: runs of text know no Markdown.</summary>
    private static JsonObject Verbatim(string text, string size, string weight) => new()
    {
        ["type"] = "RichTextBlock",
        ["inlines"] = new JsonArray(new JsonObject { ["type"] = "TextRun", ["text"] = text, ["size"] = size, ["weight"] = weight }),
    };

    private static JsonObject Teams(NotificationInput input) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["contentUrl"] = null,
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.4",
                ["body"] = new JsonArray(
                    Verbatim(OneLine(input.Title), "Medium", "Bolder"),
                    Verbatim(CardText(input.Text), "Default", "Default")),
                ["actions"] = new JsonArray([.. input.Links.Take(5).Select(l =>
                    (JsonNode)new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = l.Title, ["url"] = l.Url })]),
            },
        }),
    };

    /// <summary>As much of a text as a card takes, however many bytes its characters are.</summary>
    private static string CardText(string text)
    {
        for (var length = MaxCardText; ; length = length * 3 / 4)
        {
            var cut = Failures.Cut(text, length);
            if (JsonValue.Create(cut)!.ToJsonString(Wire) is var json && Encoding.UTF8.GetByteCount(json) <= MaxCardBytes)
                return cut;
        }
    }

    private static JsonObject Mail(NotificationInput input, NotificationOptions options) => new()
    {
        ["personalizations"] = new JsonArray(new JsonObject
        {
            ["to"] = new JsonArray([.. Addresses(input).Select(a => (JsonNode)new JsonObject { ["email"] = a })]),
        }),
        ["from"] = new JsonObject { ["email"] = options.MailFrom },
        ["subject"] = OneLine(input.Title),
        ["content"] = new JsonArray(new JsonObject
        {
            ["type"] = "text/plain",
            ["value"] = string.Join("\n", new[] { input.Text, "" }.Concat(input.Links.Select(l => $"{l.Title}: {l.Url}"))),
        }),
        // The same notification sent twice has the same id, so mail programs show it once.
        ["headers"] = new JsonObject { ["Message-ID"] = $"<{DedupKey(input).Replace('/', '.')}@{options.MailFrom.Split('@')[^1]}>" },
    };

    private static JsonObject Page(NotificationInput input, string routingKey) => new()
    {
        ["routing_key"] = routingKey,
        ["event_action"] = "trigger",
        ["dedup_key"] = DedupKey(input),
        ["payload"] = new JsonObject
        {
            ["summary"] = Failures.Cut(OneLine(input.Title), MaxSummary),
            ["source"] = "onramp",
            ["severity"] = input.Kind == NotificationKinds.UndoFailing ? "critical" : "warning",
            ["custom_details"] = new JsonObject { ["text"] = input.Text, ["workflow"] = input.Key.WorkflowId },
        },
    };
}
