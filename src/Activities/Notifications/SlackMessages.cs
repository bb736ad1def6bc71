using System.Text;
using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Notifications;

/// <summary>Messages for Slack: to whom by which way, and text that pings nobody and hides no link, whoever wrote it.</summary>
internal static class SlackMessages
{
    /// <summary>Slack's limits: characters of a section's text, blocks of a message, characters of the text beside them.</summary>
    private const int MaxSection = 3000;
    private const int MaxBlocks = 50;
    private const int MaxText = 4000;

    /// <summary>One message for each channel asked for; by the platform's webhook where the channel can't be chosen.</summary>
    public static IEnumerable<OutgoingMessage> For(NotificationInput input, NotificationOptions options)
    {
        IReadOnlyList<string> channels = input.Channels.Count > 0 ? input.Channels : [input.Channel];
        return channels.Distinct(StringComparer.Ordinal).Select(c => To(c, input, options)).OfType<OutgoingMessage>().DistinctBy(m => m.Channel);
    }

    /// <summary>Text in which nothing is a mention or a link: Slack's three characters, written as it wants them.</summary>
    public static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private static OutgoingMessage? To(string channel, NotificationInput input, NotificationOptions options)
    {
        var wanted = channel.Length > 0 ? channel : options.SlackDefaultChannel;
        if (wanted.Length > 0 && options.SlackBotToken is { Length: > 0 } token)
        {
            var body = Body(input, null);
            body["channel"] = wanted;
            return new OutgoingMessage($"slack {wanted}", new Uri($"{options.SlackUrl.TrimEnd('/')}/api/chat.postMessage"), body, token);
        }
        if (options.SlackChannelWebhooks.TryGetValue(wanted, out var own))
            return new OutgoingMessage($"slack {wanted}", new Uri(own), Body(input, null), null);
        return options.SlackWebhookUrl is { Length: > 0 } webhook
            ? new OutgoingMessage("slack", new Uri(webhook), Body(input, wanted.Length > 0 ? $"For {wanted}" : null), null)
            : null;
    }

    private static JsonObject Body(NotificationInput input, string? prelude)
    {
        var title = Escape(input.Title);
        var text = Escape(prelude is null ? input.Text : $"{prelude}: {input.Text}");
        var links = input.Links.Count == 0 ? Escape(input.Key.WorkflowId) : string.Join("\n", input.Links.Select(Link));
        var sections = Sections($"*{title}*\n{text}").Concat(Sections(links)).Take(MaxBlocks);
        return new JsonObject
        {
            ["text"] = Cut($"{title}\n{text}", MaxText),
            ["blocks"] = new JsonArray([.. sections.Select(s => (JsonNode)Section(s))]),
        };
    }

    private static string Link(OnboardingLink link)
    {
        var url = link.Url.Replace("|", "%7C", StringComparison.Ordinal).Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal);
        return $"<{Escape(url)}|{Escape(link.Title)}>";
    }

    /// <summary>Whole lines, as many as fit a section; a line that alone is too long is cut.</summary>
    private static IEnumerable<string> Sections(string text)
    {
        var section = new StringBuilder();
        foreach (var line in text.Split('\n').Select(l => Cut(l, MaxSection)))
        {
            if (section.Length > 0 && section.Length + 1 + line.Length > MaxSection)
            {
                yield return section.ToString();
                section.Clear();
            }
            section.Append(section.Length > 0 ? "\n" : "").Append(line);
        }
        if (section.Length > 0)
            yield return section.ToString();
    }

    /// <summary>Cut before a character that was written as several.</summary>
    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var cut = text[..(length - 1)];
        var entity = cut.LastIndexOf('&');
        return (entity >= 0 && cut.IndexOf(';', entity) < 0 ? cut[..entity] : cut) + "…";
    }

    private static JsonObject Section(string markdown) => new()
    {
        ["type"] = "section",
        ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = markdown },
    };
}
