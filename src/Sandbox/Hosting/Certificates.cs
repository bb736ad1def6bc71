using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Onramp.Sandbox.Hosting;

/// <summary>
/// The sandbox's own certificate authority, and a server certificate for each name that a client asks for: vaults have host
/// names of their own, and some clients refuse a wildcard as short as <c>*.localhost</c>.
/// </summary>
internal sealed class Certificates : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, X509Certificate2> _servers = new(StringComparer.OrdinalIgnoreCase);

    private Certificates(X509Certificate2 authority, TimeProvider time)
    {
        _authority = authority;
        _time = time;
        Authority = X509CertificateLoader.LoadCertificate(authority.Export(X509ContentType.Cert));
    }

    /// <summary>The authority's certificate, without its key.</summary>
    public X509Certificate2 Authority { get; }

    public static Certificates Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Onramp sandbox authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new Certificates(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10)), time);
    }

    public static Certificates Load(byte[] pfx, TimeProvider time) =>
        new(X509CertificateLoader.LoadPkcs12(pfx, null, X509KeyStorageFlags.Exportable), time);

    /// <summary>Certificate and key, for the data file.</summary>
    public byte[] Export() => _authority.Export(X509ContentType.Pkcs12);

    public X509Certificate2 For(string? name) => _servers.GetOrAdd(string.IsNullOrEmpty(name) ? "localhost" : name, Issue);

    public void Dispose()
    {
        foreach (var server in _servers.Values)
        {
            server.Dispose();
        }

        Authority.Dispose();
        _authority.Dispose();
    }

    private X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.localhost");
        if (name != "localhost")
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = _time.GetUtcNow();
        Span<byte> serial = stackalloc byte[12];
        RandomNumberGenerator.Fill(serial);
        using var signed = request.Create(_authority, now.AddHours(-1), now.AddDays(300), serial);
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
