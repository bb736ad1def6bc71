using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Kubernetes;

/// <summary>How to reach the cluster. Section <c>Onramp:Kubernetes</c>.</summary>
public sealed class KubernetesOptions
{
    public const string Section = "Onramp:Kubernetes";

    /// <summary>API server. Default: the one that the pod runs in (<c>KUBERNETES_SERVICE_HOST</c>), else <c>https://127.0.0.1:6443</c>.</summary>
    [Required, Url]
    public string BaseUrl { get; set; } =
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } host
            ? $"https://{host}:{Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443"}"
            : "https://127.0.0.1:6443";

    /// <summary>Bearer token; or <see cref="TokenFile"/>.</summary>
    public string? Token { get; set; }

    /// <summary>File with the token, read anew for each minute: tokens of service accounts rotate.</summary>
    public string TokenFile { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// <summary>The cluster's certificate authority as PEM; or <see cref="CaCertificateFile"/>. Default: the system's.</summary>
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
}
