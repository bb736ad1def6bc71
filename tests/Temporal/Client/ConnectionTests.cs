using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Onramp.EmbeddedServer;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Temporal.Tests.Client;

public class ConnectionTests
{
    [Fact]
    public async Task A_lazy_client_connects_with_its_first_call()
    {
        await using var server = await TemporalServer.StartAsync(new() { Listen = new(IPAddress.Loopback, 0) });
        var client = TemporalClient.CreateLazy(new(server.Address));

        client.Connection.IsConnected.ShouldBeFalse();
        (await client.Connection.CheckHealthAsync()).ShouldBeTrue();
        client.Connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task Tls_needs_a_trusted_certificate()
    {
        using var authority = new Authority();
        await using var server = await TemporalServer.StartAsync(new() { Listen = new(IPAddress.Loopback, 0), Certificate = authority.Issue("localhost") });
        var trusted = new TlsOptions { ServerRootCACert = authority.Pem, Domain = "localhost" };

        await TemporalClient.ConnectAsync(new(server.Address) { Tls = trusted });
        await Should.ThrowAsync<InvalidOperationException>(() => TemporalClient.ConnectAsync(Impatient(server, new TlsOptions { Domain = "localhost" })));
        await Should.ThrowAsync<InvalidOperationException>(() => TemporalClient.ConnectAsync(Impatient(server, tls: null)));
    }

    [Fact]
    public async Task Mutual_tls_needs_a_certificate_of_the_client()
    {
        using var authority = new Authority();
        await using var server = await TemporalServer.StartAsync(new()
        {
            Listen = new(IPAddress.Loopback, 0),
            Certificate = authority.Issue("localhost"),
            ClientAuthorities = [authority.Certificate],
        });
        using var own = authority.Issue("client");
        var tls = new TlsOptions
        {
            ServerRootCACert = authority.Pem,
            Domain = "localhost",
            ClientCert = Encoding.UTF8.GetBytes(own.ExportCertificatePem()),
            ClientPrivateKey = Encoding.UTF8.GetBytes(own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };

        await TemporalClient.ConnectAsync(new(server.Address) { Tls = tls });
        await Should.ThrowAsync<InvalidOperationException>(
            () => TemporalClient.ConnectAsync(Impatient(server, new TlsOptions { ServerRootCACert = authority.Pem, Domain = "localhost" })));
    }

    [Fact]
    public async Task An_api_key_is_sent_with_every_call_and_can_be_replaced()
    {
        await using var server = await TemporalServer.StartAsync(new() { Listen = new(IPAddress.Loopback, 0), ApiKeys = ["right"] });
        var withoutTls = new TlsOptions { Disabled = true };
        var client = await TemporalClient.ConnectAsync(new(server.Address) { ApiKey = "right", Tls = withoutTls });

        await client.Connection.WorkflowService.DescribeNamespaceAsync(new() { Namespace = "default" });
        client.Connection.ApiKey = "wrong";
        var refused = await Should.ThrowAsync<RpcException>(() => client.Connection.WorkflowService.DescribeNamespaceAsync(new() { Namespace = "default" }));
        client.Connection.ApiKey = "right";
        await client.Connection.WorkflowService.DescribeNamespaceAsync(new() { Namespace = "default" });

        refused.Code.ShouldBeOneOf(RpcException.StatusCode.Unauthenticated, RpcException.StatusCode.PermissionDenied);
        refused.Message.ShouldNotContain("wrong");
    }

    private static TemporalClientConnectOptions Impatient(TemporalServer server, TlsOptions? tls) =>
        new(server.Address) { Tls = tls, RpcRetry = new() { MaxRetries = 0 } };

    /// <summary>A certificate authority of the test's own.</summary>
    private sealed class Authority : IDisposable
    {
        private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly DateTimeOffset To = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public Authority()
        {
            var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            Certificate = request.CreateSelfSigned(From, To);
        }

        public X509Certificate2 Certificate { get; }

        public byte[] Pem => Encoding.UTF8.GetBytes(Certificate.ExportCertificatePem());

        public X509Certificate2 Issue(string name)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            using var issued = request.Create(Certificate, From, To.AddDays(-1), RandomNumberGenerator.GetBytes(8));
            using var withKey = issued.CopyWithPrivateKey(own);
            return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);
        }

        public void Dispose()
        {
            Certificate.Dispose();
            key.Dispose();
        }
    }
}
