using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Onramp.Activities.Http;

/// <summary>HTTP handlers as the clients want them: no automatic redirects, and, where given, one's own certificate authority.</summary>
internal static class TrustedHttp
{
    public static SocketsHttpHandler CreateHandler(string? caCertificatePem)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (!string.IsNullOrEmpty(caCertificatePem))
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPem(caCertificatePem);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        return handler;
    }

    /// <summary>A client whose relative paths are appended to the base, whether or not that ends in a slash.</summary>
    public static HttpClient CreateClient(string baseUrl, string? caCertificatePem = null) =>
        new(CreateHandler(caCertificatePem)) { BaseAddress = new Uri(baseUrl.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The PEM text itself, or that of the file named.</summary>
    public static string? ReadPem(string? pem, string? file) =>
        !string.IsNullOrEmpty(pem) ? pem.Replace("\\n", "\n", StringComparison.Ordinal) : string.IsNullOrEmpty(file) ? null : File.ReadAllText(file);
}
