using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Onramp.Grpc;

/// <summary>How a <see cref="GrpcChannel"/> connects.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>TLS settings; null for cleartext.</summary>
    public GrpcTlsOptions? Tls { get; set; }

    /// <summary>How often to ping an idle connection; null for never. Default 30 s.</summary>
    public TimeSpan? KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for a ping's answer before the connection counts as lost. Default 15 s.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long connecting may take. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>TLS of a channel.</summary>
public sealed class GrpcTlsOptions
{
    /// <summary>The certificate authorities to trust, PEM; null for the system's.</summary>
    public string? ServerRootCaPem { get; set; }

    /// <summary>The host name that the server's certificate must carry; null for the address's host.</summary>
    public string? Domain { get; set; }

    /// <summary>The client's certificate chain, PEM, for mTLS; needs <see cref="ClientKeyPem"/>.</summary>
    public string? ClientCertificatePem { get; set; }

    /// <summary>The client's private key, PEM.</summary>
    public string? ClientKeyPem { get; set; }

    internal SslClientAuthenticationOptions Build()
    {
        var ssl = new SslClientAuthenticationOptions { ApplicationProtocols = [SslApplicationProtocol.Http2] };
        if (ServerRootCaPem is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(ServerRootCaPem);
            ssl.CertificateChainPolicy = policy;
        }

        if (ClientCertificatePem is not null || ClientKeyPem is not null)
        {
            if (ClientCertificatePem is null || ClientKeyPem is null)
            {
                throw new ArgumentException("mTLS needs both a client certificate and its private key");
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(ClientCertificatePem);
            var leaf = X509Certificate2.CreateFromPem(ClientCertificatePem, ClientKeyPem);
            ssl.ClientCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }

        return ssl;
    }
}
