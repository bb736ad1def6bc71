using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.GitHub;

/// <summary>How to reach GitHub, and how services live there. Section <c>Onramp:GitHub</c>.</summary>
public sealed class GitHubOptions
{
    public const string Section = "Onramp:GitHub";

    /// <summary>API address. Default <c>https://api.github.com</c>; GitHub Enterprise Server: <c>https://HOST/api/v3</c>.</summary>
    [Required, Url]
    public string BaseUrl { get; set; } = "https://api.github.com";

    /// <summary>Personal access token. Use this or the App.</summary>
    public string? Token { get; set; }

    /// <summary>App id (or client id) of the GitHub App to act as.</summary>
    public string? AppId { get; set; }

    /// <summary>Private key of the App as PEM (PKCS#1 or PKCS#8), or <see cref="AppPrivateKeyFile"/>.</summary>
    public string? AppPrivateKey { get; set; }

    public string? AppPrivateKeyFile { get; set; }

    /// <summary>Installation of the App; found by the organization when left out.</summary>
    public long? InstallationId { get; set; }

    /// <summary>Organization that services live in.</summary>
    [Required]
    public string Organization { get; set; } = "acme";

    /// <summary>Template repository, <c>{template}</c> and <c>{language}</c> filled in. Default <c>acme/golden-path-{template}</c>.</summary>
    [Required, RegularExpression(@"^[^/]+/[^/]+$")]
    public string TemplateRepository { get; set; } = "acme/golden-path-{template}";

    /// <summary>Permission of the owning team. Default <c>maintain</c>.</summary>
    [Required, RegularExpression("^(pull|triage|push|maintain|admin)$")]
    public string TeamPermission { get; set; } = "maintain";

    /// <summary>Branch of the golden path. Default <c>main</c>.</summary>
    [Required]
    public string DefaultBranch { get; set; } = "main";

    /// <summary>
    /// File name of the golden path's workflow that builds and deploys: it is started once, when its variables are set and its identity is
    /// trusted. Default <c>ci-cd.yaml</c>; empty: none is started.
    /// </summary>
    public string PipelineWorkflow { get; set; } = "ci-cd.yaml";

    /// <summary>Checks that protection asks for. Default <c>build</c>.</summary>
    public IList<string> RequiredChecks { get; set; } = [];

    /// <summary>Slugs of apps that may go past protection.</summary>
    public IList<string> BypassApps { get; set; } = [];

    /// <summary>
    /// Calls that write, a minute, by one worker; further ones wait. Default 80, which is what GitHub lets one account do; with several workers give
    /// each its part. 0: as many as come, for a GitHub Enterprise Server without limits.
    /// </summary>
    [Range(0, 10_000)]
    public int WritesPerMinute { get; set; } = 80;

    /// <summary>As <see cref="WritesPerMinute"/>, an hour. Default 500.</summary>
    [Range(0, 1_000_000)]
    public int WritesPerHour { get; set; } = 500;

    /// <summary>Issuer of Actions' OIDC tokens.</summary>
    [Required, Url]
    public string OidcIssuer { get; set; } = "https://token.actions.githubusercontent.com";
}
