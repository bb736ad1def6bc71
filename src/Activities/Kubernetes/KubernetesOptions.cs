using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using k8s;
using Onramp.Activities.Http;

namespace Onramp.Activities.Kubernetes;

/// <summary>How to reach the cluster. Section <c>Onramp:Kubernetes</c>.</summary>
public sealed class KubernetesOptions : IValidatableObject
{
    public const string Section = "Onramp:Kubernetes";

    /// <summary>
    /// API server. Default: that of the kubeconfig when one is named, else the one that the pod runs in
    /// (<c>KUBERNETES_SERVICE_HOST</c>).
    /// </summary>
    [Url]
    public string? BaseUrl { get; set; }

    /// <summary>
    /// Kubeconfig to take server, authority and credentials from: certificates, tokens, OIDC and credential plugins (kubelogin and the
    /// like). Token and authority below are then not looked at. Default: none; with <see cref="Context"/> alone, kubectl's own.
    /// </summary>
    public string? KubeConfig { get; set; }

    /// <summary>Context of the kubeconfig. Default: its current one.</summary>
    public string? Context { get; set; }

    /// <summary>Bearer token; or <see cref="TokenFile"/>.</summary>
    public string? Token { get; set; }

    /// <summary>File with the token, read anew for each minute: tokens of service accounts rotate.</summary>
    public string TokenFile { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// <summary>The cluster's certificate authority as PEM; or <see cref="CaCertificateFile"/>. Default: the pod's, else the system's.</summary>
    public string? CaCertificate { get; set; }

    public string? CaCertificateFile { get; set; }

    /// <summary>Name of the cluster, for variables and links.</summary>
    [Required]
    public string ClusterName { get; set; } = "aks-platform";

    /// <summary>The cluster's OIDC issuer, trailing slash included.</summary>
    public string OidcIssuer { get; set; } = "";

    [Required]
    public string ArgoCdNamespace { get; set; } = "argocd";

    /// <summary>
    /// Argo CD project that all applications go into, kept by the platform's people. Default: each environment gets one of its own, for
    /// its repository and namespace alone. Argo CD's <c>default</c> is refused: it permits everything everywhere.
    /// </summary>
    public string ArgoCdProject { get; set; } = "";

    /// <summary>
    /// Cluster role of the team outside production, and of what delivers into the namespace. Default <c>onramp-edit</c>, which
    /// <c>deploy/kubernetes/rbac.yaml</c> makes; Kubernetes' own <c>edit</c> may open the network that approval has closed.
    /// </summary>
    [Required, RegularExpression("^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$")]
    public string TeamRole { get; set; } = "onramp-edit";

    /// <summary>Path of the manifests in a repository. Default <c>./k8s</c>.</summary>
    [Required]
    public string ManifestPath { get; set; } = "./k8s";

    /// <summary>
    /// How Flux logs in to repositories: <c>github</c> (default) as a GitHub App, by <see cref="FluxApp"/> or
    /// <see cref="FluxSecretName"/>; <c>generic</c>; or <c>none</c> on a cluster without Flux.
    /// </summary>
    [Required, RegularExpression("^(github|generic|none)$")]
    public string FluxProvider { get; set; } = "github";

    /// <summary>
    /// Secret in the service's namespace that Flux logs in with. Default with <see cref="FluxApp"/>: <c>flux-github-app</c>; without,
    /// none, and with a name the cluster itself has to put it into every managed namespace.
    /// </summary>
    public string FluxSecretName { get; set; } = "";

    /// <summary>The App that Flux reads repositories as. Its key is put into each service's namespace.</summary>
    public FluxAppOptions FluxApp { get; set; } = new();

    /// <summary>Address of NodeLocal DNSCache, such as <c>169.254.20.10</c>. Default: the cluster has none.</summary>
    [RegularExpression(@"^\d{1,3}(\.\d{1,3}){3}$")]
    public string? NodeLocalDns { get; set; }

    /// <summary>Value of the label <c>release</c> that Prometheus selects monitors by.</summary>
    [Required, RegularExpression("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
    public string MonitorRelease { get; set; } = "kube-prometheus-stack";

    /// <summary>A kubeconfig is never used unasked: its current context may be any cluster.</summary>
    internal bool UsesKubeConfig => !string.IsNullOrEmpty(KubeConfig) || !string.IsNullOrEmpty(Context);

    internal string KubeConfigPath =>
        !string.IsNullOrEmpty(KubeConfig) ? KubeConfig
        : Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } path ? path.Split(Path.PathSeparator)[0]
        : KubernetesClientConfiguration.KubeConfigDefaultLocation;

    internal string? ServerUrl =>
        !string.IsNullOrEmpty(BaseUrl) ? BaseUrl
        : Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } host
            ? $"https://{host}:{Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443"}"
            : null;

    internal string FluxSecret => FluxSecretName.Length == 0 && FluxApp.IsSet ? "flux-github-app" : FluxSecretName;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ArgoCdProject == "default")
            yield return Wrong(nameof(ArgoCdProject), "must not be 'default', which permits everything everywhere; leave it empty");
        if (FluxProvider == "github" && FluxSecret.Length == 0)
            yield return Wrong(nameof(FluxProvider), "'github' needs FluxApp or FluxSecretName; on a cluster without Flux set it to 'none'");
        if (FluxProvider != "github" && FluxApp.IsSet)
            yield return Wrong(nameof(FluxApp), "is for FluxProvider 'github'");
        if (FluxApp.IsSet && FluxApp.Problem() is { } problem)
            yield return Wrong(nameof(FluxApp), problem);
    }

    private static ValidationResult Wrong(string field, string problem) => new($"{Section}:{field} {problem}", [field]);
}

/// <summary>
/// A GitHub App of Flux's own, which may only read contents: whoever may read secrets in a service's namespace can read as it every
/// repository that it is installed on. Never the App that Onramp itself works as.
/// </summary>
public sealed class FluxAppOptions
{
    /// <summary>Numeric id of the App. Default: none is used.</summary>
    public string AppId { get; set; } = "";

    /// <summary>Numeric id of its installation in the organization.</summary>
    public string InstallationId { get; set; } = "";

    /// <summary>Its private key as PEM; or <see cref="PrivateKeyFile"/>.</summary>
    public string? PrivateKey { get; set; }

    public string? PrivateKeyFile { get; set; }

    /// <summary>API of a GitHub Enterprise Server. Default: github.com's.</summary>
    public string? BaseUrl { get; set; }

    internal bool IsSet => AppId.Length > 0;

    internal string? ReadKey() => TrustedHttp.ReadPem(PrivateKey, PrivateKeyFile);

    /// <summary>What keeps it from working, without anything of the key.</summary>
    internal string? Problem()
    {
        if (!long.TryParse(AppId, NumberStyles.None, CultureInfo.InvariantCulture, out _) || !long.TryParse(InstallationId, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return "needs AppId and InstallationId, both numbers";
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(ReadKey() ?? "");
            return null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            return $"needs PrivateKey or PrivateKeyFile with an RSA key as PEM ({e.GetType().Name})";
        }
    }
}
