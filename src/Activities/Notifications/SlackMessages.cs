using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Notifications;

/// <summary>Messages for Slack: to whom by which way, and text that pings nobody and hides no link, whoever wrote it.</summary>
internal static class SlackMessages
{
    /// <summary>Slack's limits: characters of a section's text, blocks of a message, characters of the text beside them.</summary>
    private const int MaxSection = 3000;
    private const int MaxBlocks = 50;
    private const int MaxText = 4000;

    /// <summary>Characters of all blocks together. Slack tells no number, and refuses about 13,000.</summary>
    private const int MaxTextOfBlocks = 10_000;

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
            return Posted(wanted, $"slack {wanted}", Body(input, null), options, token) with { Instead = reason => Instead(wanted, reason, input, options) };
        }
        if (options.SlackChannelWebhooks.TryGetValue(wanted, out var own))
            return new OutgoingMessage($"slack {wanted}", new Uri(own), Body(input, null), null) { Instead = reason => Instead(wanted, reason, input, options) };
        return Platforms("slack", wanted.Length > 0 ? $"For {wanted}" : null, input, options);
    }

    private static OutgoingMessage Posted(string channel, string name, JsonObject body, NotificationOptions options, string token)
    {
        body["channel"] = channel;
        return new OutgoingMessage(name, new Uri($"{options.SlackUrl.TrimEnd('/')}/api/chat.postMessage"), body, token);
    }

    /// <summary>What a channel doesn't take goes to the platform's own, with a word of whom it is for: an approval that nobody sees is awaited in vain.</summary>
    private static OutgoingMessage? Instead(string wanted, string reason, NotificationInput input, NotificationOptions options)
    {
        var (name, prelude) = ($"slack for {wanted}", $"For {wanted} ({reason})");
        return options is { SlackBotToken: { Length: > 0 } token, SlackDefaultChannel: { Length: > 0 } channel } && channel != wanted
            ? Posted(channel, name, Body(input, prelude), options, token)
            : Platforms(name, prelude, input, options);
    }

    /// <summary>By the platform's webhook.</summary>
    private static OutgoingMessage? Platforms(string name, string? prelude, NotificationInput input, NotificationOptions options) =>
        options.SlackWebhookUrl is { Length: > 0 } webhook ? new OutgoingMessage(name, new Uri(webhook), Body(input, prelude), null) : null;

    private static JsonObject Body(NotificationInput input, string? prelude)
    {
        var title = Escape(input.Title);
        var text = Escape(prelude is null ? input.Text : $"{prelude}: {input.Text}");
        var links = input.Links.Count == 0 ? Escape(input.Key.WorkflowId) : string.Join("\n", input.Links.Select(Link));
        var ending = Sections(links).Take(MaxBlocks / 2).TakeWhile(Within(MaxTextOfBlocks / 2)).ToList();
        var room = MaxTextOfBlocks - ending.Sum(s => s.Length);
        var sections = Sections(Cut($"*{title}*\n{text}", room)).TakeWhile(Within(room)).Take(MaxBlocks - ending.Count).Concat(ending);
        return new JsonObject
        {
            ["text"] = Cut($"{title}\n{text}", MaxText),
            ["blocks"] = new JsonArray([.. sections.Select(s => (JsonNode)Section(s))]),
        };
    }

    /// <summary>As long as all so far are no more characters than this.</summary>
    private static Func<string, bool> Within(int most)
    {
        var sum = 0;
        return section => (sum += section.Length) <= most;
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
        var cut = text[..Failures.WholeLength(text, length - 1)];
        var entity = cut.LastIndexOf('&');
        return (entity >= 0 && cut.IndexOf(';', entity) < 0 ? cut[..entity] : cut) + "…";
    }

    private static JsonObject Section(string markdown) => new()
    {
        ["type"] = "section",
        ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = markdown },
    };
}
