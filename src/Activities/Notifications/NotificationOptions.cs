using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Notifications;

/// <summary>Where to tell people. What has no address is left out. Section <c>Onramp:Notifications</c>.</summary>
public sealed class NotificationOptions
{
    public const string Section = "Onramp:Notifications";

    /// <summary>
    /// Slack incoming webhook. A secret: whoever has it can post. It posts to the one channel it was made for, whatever is asked; to honour
    /// other channels give a <see cref="SlackBotToken"/> or <see cref="SlackChannelWebhooks"/>.
    /// </summary>
    public string? SlackWebhookUrl { get; set; }

    /// <summary>Webhooks of other channels, by channel name with its <c>#</c>. Secrets, too.</summary>
    public IDictionary<string, string> SlackChannelWebhooks { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Bot token with <c>chat:write</c>; the bot must be in the channels. With it messages go to the channels asked for.</summary>
    public string? SlackBotToken { get; set; }

    /// <summary>Slack's API for the bot token. Default <c>https://slack.com</c>.</summary>
    [Required, Url]
    public string SlackUrl { get; set; } = "https://slack.com";

    /// <summary>Channel of messages that are for no channel in particular, with a bot token; empty: the webhook's.</summary>
    public string SlackDefaultChannel { get; set; } = "";

    /// <summary>Teams workflow webhook. A secret, too.</summary>
    public string? TeamsWebhookUrl { get; set; }

    /// <summary>Mail service with SendGrid's API, without path.</summary>
    public string? MailUrl { get; set; }

    public string? MailToken { get; set; }

    /// <summary>Sender of mail. Default <c>onramp@localhost.example</c>.</summary>
    [Required]
    public string MailFrom { get; set; } = "onramp@localhost.example";

    /// <summary>PagerDuty events. Default <c>https://events.pagerduty.com</c>.</summary>
    [Required, Url]
    public string PagerDutyUrl { get; set; } = "https://events.pagerduty.com";

    /// <summary>Routing key; none means that nobody is paged.</summary>
    public string? PagerDutyRoutingKey { get; set; }
}
