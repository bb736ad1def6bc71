using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Azure;

/// <summary>How to reach Azure, and how services live there. Section <c>Onramp:Azure</c>.</summary>
public sealed class AzureOptions
{
    public const string Section = "Onramp:Azure";

    /// <summary>Azure Resource Manager. Must be https: the SDK refuses to send tokens otherwise.</summary>
    [Required, Url, RegularExpression("^https://.*$")]
    public string ArmUrl { get; set; } = "https://management.azure.com";

    /// <summary>Audience of tokens. Default <c>https://management.azure.com</c>, also when <see cref="ArmUrl"/> is another one.</summary>
    [Required]
    public string Audience { get; set; } = "https://management.azure.com";

    /// <summary>Token endpoint's base when it isn't Entra ID's own (<c>https://login.microsoftonline.com</c>).</summary>
    public string? AuthorityUrl { get; set; }

    /// <summary>Certificate authority of both as PEM; or <see cref="CaCertificateFile"/>. Default: the system's.</summary>
    public string? CaCertificate { get; set; }

    public string? CaCertificateFile { get; set; }

    /// <summary>Client id and secret of the orchestrator; without a secret Azure.Identity's default chain is used (workload identity, CLI, …).</summary>
    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    [Required]
    public string TenantId { get; set; } = "";

    [Required]
    public string SubscriptionId { get; set; } = "";

    /// <summary>Region of services that name none. Default <c>uksouth</c>.</summary>
    public string DefaultRegion { get; set; } = "uksouth";

    /// <summary>ARM id of the shared registry.</summary>
    [Required]
    public string RegistryId { get; set; } = "";

    /// <summary>Login server of the registry. Default: from its name.</summary>
    public string? RegistryLoginServer { get; set; }

    /// <summary>Entra group of each team; a team not listed gets <see cref="DefaultEntraGroupId"/>.</summary>
    public IDictionary<string, string> TeamGroups { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string DefaultEntraGroupId { get; set; } = "";

    /// <summary>Whether vaults get purge protection. Default true; with false an undone vault is purged and its name free again.</summary>
    public bool VaultPurgeProtection { get; set; } = true;

    /// <summary>
    /// Subnets by ARM id, with the service endpoint of Key Vault, that may reach vaults: the cluster's nodes' own, since pods are no trusted
    /// service of Azure's. With these or <see cref="VaultAddresses"/> everything else is refused; with neither, vaults are open to all networks.
    /// </summary>
    public IList<string> VaultSubnetIds { get; set; } = [];

    /// <summary>Public addresses or ranges that may reach vaults, such as the cluster's way out.</summary>
    public IList<string> VaultAddresses { get; set; } = [];

    /// <summary>Whether vaults are reached by private endpoints only, which the platform's Azure policies make. Default false.</summary>
    public bool VaultPrivateEndpoints { get; set; }

    /// <summary>Days that a deleted vault can be brought back; can't be changed later. Default 7.</summary>
    [Range(7, 90)]
    public int VaultRetentionDays { get; set; } = 7;

    /// <summary>
    /// How long an undo looks for what the run may have made before it believes that it isn't there: reads lag behind writes. Default 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AbsenceConfirmation { get; set; } = TimeSpan.FromSeconds(10);

    [Required, Url]
    public string PortalUrl { get; set; } = "https://portal.azure.com";
}
