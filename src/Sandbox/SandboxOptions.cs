using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Onramp.Sandbox;

/// <summary>How a long-running Azure operation lets its caller know.</summary>
public enum AzureOperationStyle
{
    /// <summary>Each resource type the way the real one does it.</summary>
    Native,

    /// <summary>Header <c>Azure-AsyncOperation</c>.</summary>
    AsyncOperation,

    /// <summary>Header <c>Location</c>.</summary>
    Location,

    /// <summary>Only <c>properties.provisioningState</c> of the resource itself.</summary>
    ProvisioningState,
}

/// <summary>What a sandbox is made of. Every default is what the tests and <c>onramp try</c> want.</summary>
public sealed class SandboxOptions
{
    /// <summary>SQLite file that everything is kept in, or <c>:memory:</c> (default).</summary>
    [Required]
    public string DataFile { get; set; } = ":memory:";

    /// <summary>Address that every stand-in listens on. Default 127.0.0.1. Beyond loopback a <see cref="ControlToken"/> is required.</summary>
    [Required]
    public IPAddress ListenAddress { get; set; } = IPAddress.Loopback;

    /// <summary>
    /// First of the consecutive ports, in the order of <see cref="SandboxHost.Systems"/>. 0 (default) takes free ports, and the
    /// same ones again when a data file is opened another time.
    /// </summary>
    [Range(0, 65000)]
    public int FirstPort { get; set; }

    /// <summary>Bearer token for <c>/_sandbox/*</c>; null (default) asks for none.</summary>
    public string? ControlToken { get; set; }

    /// <summary>How long a repository made from a template stays empty. Default 2 s.</summary>
    public TimeSpan TemplatePopulationDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the workflow files of a push are not known yet. Default 1 s.</summary>
    public TimeSpan WorkflowIndexingDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a namespace stays <c>Terminating</c>. Default 1 s.</summary>
    public TimeSpan NamespaceTerminationDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long controllers (quota, Flux, Argo CD, service accounts) take to notice a change. Default 500 ms.</summary>
    public TimeSpan ControllerDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the Kubernetes API is served over TLS, which kubectl needs to send its token. Default false.</summary>
    public bool KubernetesTls { get; set; }

    /// <summary>
    /// Objects in a page of a Kubernetes list at most, whatever larger limit was asked for; a list asked for without a limit comes whole.
    /// Default 500.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int KubernetesPageSize { get; set; } = 500;

    /// <summary>How long Azure's long-running operations run. Default 1 s.</summary>
    public TimeSpan AzureOperationDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long reads of Azure Resource Manager still see what was there before a write. Default none.</summary>
    public TimeSpan AzureReadLag { get; set; } = TimeSpan.Zero;

    /// <summary>How long a new principal is unknown to role assignments that don't say what type it is. Default 5 s.</summary>
    public TimeSpan PrincipalReplicationDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a role assignment takes to be effective in Key Vault. Default 2 s.</summary>
    public TimeSpan RoleAssignmentPropagationDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the catalog takes to process a location. Default 1 s.</summary>
    public TimeSpan CatalogProcessingDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How Azure's long-running operations are polled. Default: as each real resource type does it.</summary>
    public AzureOperationStyle AzureOperations { get; set; } = AzureOperationStyle.Native;

    /// <summary>Requests an hour that GitHub grants. Default 5000.</summary>
    [Range(1, int.MaxValue)]
    public int GitHubRateLimit { get; set; } = 5000;

    /// <summary>Whether GitHub's plan has branch protection and environment reviewers for private repositories. Default true.</summary>
    public bool GitHubPaidPlan { get; set; } = true;

    /// <summary>
    /// Most items that GitHub puts on a page of a list, whatever is asked for. Default 100, as the real one; small pages show who reads only the first.
    /// </summary>
    [Range(1, 100)]
    public int GitHubMaxPageSize { get; set; } = 100;

    /// <summary>Writes a minute that GitHub takes from one caller before its secondary limit refuses them. Default null: as many as come; GitHub's own is about 80.</summary>
    [Range(1, int.MaxValue)]
    public int? GitHubWritesPerMinute { get; set; }

    /// <summary>As <see cref="GitHubWritesPerMinute"/> for an hour; GitHub's own is about 500.</summary>
    [Range(1, int.MaxValue)]
    public int? GitHubWritesPerHour { get; set; }

    /// <summary>Most items that Azure Resource Manager puts on a page. Default 1000.</summary>
    [Range(1, 1000)]
    public int AzureMaxPageSize { get; set; } = 1000;

    /// <summary>Most folders or found dashboards that Grafana puts on a page, whatever is asked for. Default 1000.</summary>
    [Range(1, 1000)]
    public int GrafanaMaxPageSize { get; set; } = 1000;

    /// <summary>Whether titles of dashboards are unique in a folder, as they were until Grafana 11.3. Default true.</summary>
    public bool GrafanaUniqueTitles { get; set; } = true;

    /// <summary>Most locations that the catalog puts on a page of a query. Default 1000.</summary>
    [Range(1, 1000)]
    public int CatalogMaxPageSize { get; set; } = 1000;

    /// <summary>Whether the catalog answers queries for locations, as Backstage does since 1.46; older ones only list all. Default true.</summary>
    public bool CatalogQueriesLocations { get; set; } = true;

    /// <summary>Clock of every stand-in. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What exists before anyone calls.</summary>
    public SandboxSeed Seed { get; set; } = new();

    /// <summary>What callers must show.</summary>
    public SandboxCredentials Credentials { get; set; } = new();

    internal void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (!IPAddress.IsLoopback(ListenAddress) && string.IsNullOrEmpty(ControlToken))
        {
            throw new ValidationException($"{nameof(ControlToken)} is required when {nameof(ListenAddress)} isn't a loopback address.");
        }
    }
}
