using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Notifications;

/// <summary>Where to tell people. What has no address is left out. Section <c>Onramp:Notifications</c>.</summary>
public sealed class NotificationOptions
{
    public const string Section = "Onramp:Notifications";

    /// <summary>Slack incoming webhook. A secret: whoever has it can post.</summary>
    public string? SlackWebhookUrl { get; set; }

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
