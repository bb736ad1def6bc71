using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Notifications;

/// <summary>One message to one place, ready to be posted.</summary>
internal sealed record OutgoingMessage(string Channel, Uri Target, JsonObject Body, string? BearerToken);

/// <summary>What is sent where: pure functions of the notification and the options.</summary>
internal static class NotificationChannels
{
    /// <summary>Occasions on which somebody is paged.</summary>
    private static readonly IReadOnlyList<string> Paging = [NotificationKinds.UndoFailing, NotificationKinds.ApprovalEscalation];

    public static IReadOnlyList<OutgoingMessage> For(NotificationInput input, NotificationOptions options)
    {
        var messages = new List<OutgoingMessage>();
        if (options.SlackWebhookUrl is { Length: > 0 } slack && (input.Channel.Length > 0 || input.Email.Length == 0))
            messages.Add(new OutgoingMessage("slack", new Uri(slack), Slack(input), null));
        if (options.TeamsWebhookUrl is { Length: > 0 } teams)
            messages.Add(new OutgoingMessage("teams", new Uri(teams), Teams(input), null));
        if (options.MailUrl is { Length: > 0 } mail && input.Email.Length > 0)
            messages.Add(new OutgoingMessage("mail", new Uri($"{mail.TrimEnd('/')}/v3/mail/send"), Mail(input, options), options.MailToken));
        if (options.PagerDutyRoutingKey is { Length: > 0 } key && Paging.Contains(input.Kind))
            messages.Add(new OutgoingMessage("pagerduty", new Uri($"{options.PagerDutyUrl.TrimEnd('/')}/v2/enqueue"), Page(input, key), null));
        return messages;
    }

    private static string DedupKey(NotificationInput input) => $"{input.Key.Mark}/{input.Kind}";

    private static JsonObject Slack(NotificationInput input) => new()
    {
        ["text"] = $"{input.Title}\n{input.Text}",
        ["blocks"] = new JsonArray(
            Section($"*{input.Title}*\n{input.Text}"),
            Section(input.Links.Count == 0 ? input.Key.WorkflowId : string.Join("\n", input.Links.Select(l => $"<{l.Url}|{l.Title}>")))),
    };

    private static JsonObject Section(string markdown) => new()
    {
        ["type"] = "section",
        ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = markdown },
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
                    new JsonObject { ["type"] = "TextBlock", ["size"] = "Medium", ["weight"] = "Bolder", ["text"] = input.Title, ["wrap"] = true },
                    new JsonObject { ["type"] = "TextBlock", ["text"] = input.Text, ["wrap"] = true }),
                ["actions"] = new JsonArray([.. input.Links.Take(5).Select(l =>
                    (JsonNode)new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = l.Title, ["url"] = l.Url })]),
            },
        }),
    };

    private static JsonObject Mail(NotificationInput input, NotificationOptions options) => new()
    {
        ["personalizations"] = new JsonArray(new JsonObject { ["to"] = new JsonArray(new JsonObject { ["email"] = input.Email }) }),
        ["from"] = new JsonObject { ["email"] = options.MailFrom },
        ["subject"] = input.Title,
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
            ["summary"] = input.Title,
            ["source"] = "onramp",
            ["severity"] = input.Kind == NotificationKinds.UndoFailing ? "critical" : "warning",
            ["custom_details"] = new JsonObject { ["text"] = input.Text, ["workflow"] = input.Key.WorkflowId },
        },
    };
}
