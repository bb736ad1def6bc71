namespace Onramp.Sandbox;

/// <summary>
/// What the stand-ins accept. The defaults are no secrets: they open nothing but a sandbox, which listens on loopback unless
/// told otherwise. None of them is ever written to the data file or the ledger.
/// </summary>
public sealed class SandboxCredentials
{
    /// <summary>Personal access token of GitHub's platform bot, an owner of the organization.</summary>
    public string GitHubToken { get; set; } = "ghp_sandbox";

    /// <summary>A token that may only read.</summary>
    public string GitHubReadToken { get; set; } = "ghp_sandbox_read";

    /// <summary>Numeric id of the GitHub App.</summary>
    public long GitHubAppId { get; set; } = 1001;

    /// <summary>Public key (PEM) that the App's JWTs are checked with; null: the App can't log in.</summary>
    public string? GitHubAppPublicKeyPem { get; set; }

    /// <summary>Bearer token of a cluster administrator.</summary>
    public string KubernetesToken { get; set; } = "sandbox-cluster-admin";

    /// <summary>Bearer token of someone who may only read.</summary>
    public string KubernetesReadToken { get; set; } = "sandbox-cluster-view";

    /// <summary>Application (client) id of the orchestrator in Entra ID.</summary>
    public string AzureClientId { get; set; } = "5a4d0b0c-0000-4000-8000-00000000c11e";

    /// <summary>Its client secret.</summary>
    public string AzureClientSecret { get; set; } = "sandbox-client-secret";

    /// <summary>Service account token with role Admin.</summary>
    public string GrafanaToken { get; set; } = "glsa_sandbox";

    /// <summary>Service account token with role Viewer.</summary>
    public string GrafanaReadToken { get; set; } = "glsa_sandbox_read";

    /// <summary>Static external-access token of Backstage.</summary>
    public string CatalogToken { get; set; } = "sandbox-backstage";

    /// <summary>Secret last part of the Slack webhook's URL.</summary>
    public string SlackWebhookSecret { get; set; } = "sandboxslack";

    /// <summary>Slack's token of the platform's bot.</summary>
    public string SlackBotToken { get; set; } = "xoxb-sandbox";

    /// <summary>Signature in the Teams webhook's URL.</summary>
    public string TeamsWebhookSignature { get; set; } = "sandboxteams";

    /// <summary>API key of the mail service.</summary>
    public string MailToken { get; set; } = "SG.sandbox";

    /// <summary>Routing (integration) key of PagerDuty events, 32 characters.</summary>
    public string PagerDutyRoutingKey { get; set; } = "0000sandbox0000sandbox0000sandbo";
}
