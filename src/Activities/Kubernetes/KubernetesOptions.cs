using System.ComponentModel.DataAnnotations;
using k8s;

namespace Onramp.Activities.Kubernetes;

/// <summary>How to reach the cluster. Section <c>Onramp:Kubernetes</c>.</summary>
public sealed class KubernetesOptions
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

    [Required]
    public string ArgoCdProject { get; set; } = "default";

    /// <summary>Path of the manifests in a repository. Default <c>./k8s</c>.</summary>
    [Required]
    public string ManifestPath { get; set; } = "./k8s";

    /// <summary>How Flux logs in to repositories. Default <c>github</c>, as a GitHub App.</summary>
    [Required, RegularExpression("^(github|generic)$")]
    public string FluxProvider { get; set; } = "github";

    /// <summary>Secret that Flux logs in with, which the cluster puts into every managed namespace; empty for none.</summary>
    public string FluxSecretName { get; set; } = "";

    /// <summary>Value of the label <c>release</c> that Prometheus selects monitors by.</summary>
    [Required]
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
}
