using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Transport.Http;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Listens on Kestrel: for gRPC on HTTP/2 only, cleartext with prior knowledge or TLS; for HTTP/JSON, where wanted, on ports of its own.</summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    /// <summary>A worker parks many polls on one connection.</summary>
    public const int MaximumStreamsPerConnection = 10_000;

    public const int ConnectionWindowBytes = 16 * 1024 * 1024;
    private const int StreamWindowBytes = 4 * 1024 * 1024;

    /// <summary>Load balancers and the like.</summary>
    private const int MaximumHealthWatchers = 1_000;

    private readonly WebApplication app;

    private readonly Listeners listeners;

    private KestrelHost(WebApplication app, Listeners listeners)
    {
        this.app = app;
        this.listeners = listeners;
    }

    /// <summary>Where it listens for gRPC, with the port it got.</summary>
    public IPEndPoint EndPoint => listeners.Grpc!.IPEndPoint!;

    /// <summary>Where it listens for Temporal's HTTP API; null if it doesn't.</summary>
    public IPEndPoint? HttpEndPoint => listeners.Http?.IPEndPoint;

    /// <summary>Where it listens for Temporal's web UI; null if it doesn't.</summary>
    public IPEndPoint? UiEndPoint => listeners.Ui?.IPEndPoint;

    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<KestrelHost> StartAsync(TemporalServerOptions options, CallTable table, Func<HealthCheckResult> health, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(_ => new FrameworkLogs(options.LoggerFactory));
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();

        // Who stops us says how long calls in flight have; the host's own 30 s would cut them off.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddGrpcTransport(table, health);
        if (options.ApiKeys.Count > 0 || options.Tokens is not null)
        {
            // The container's to dispose.
            builder.Services.AddSingleton(_ => new Authenticator(
                options.ApiKeys,
                options.Tokens is { } trust ? new BearerTokens(trust, TimeProvider.System, options.LoggerFactory.CreateLogger<BearerTokens>()) : null));
        }

        var listeners = new Listeners();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options, listeners));

        var app = builder.Build();
        try
        {
            var authenticator = app.Services.GetService<Authenticator>();
            var load = new CallLoad(options.MaximumCallsInFlight, options.MaximumCallBytesInFlight, MaximumHealthWatchers);
            app.Use((http, next) => load.PassAsync(http, next, RefuseAsync));
            app.UseHttpTransport(table, options, authenticator);
            app.UseGrpcTransport(table, authenticator);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new KestrelHost(app, listeners);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes no new calls and waits for those in flight; when the token fires, ends them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static Task RefuseAsync(HttpContext http, RefusalException refusal)
    {
        if (http.Features.Get<HttpForm>() is { } form)
        {
            return HttpAnswers.RefuseAsync(http, refusal, new AnswerForm(form.ContentType, form.HasPayloadShorthand, Indented: false));
        }

        GrpcAnswers.Refuse(http, refusal);
        return Task.CompletedTask;
    }

    private static void Configure(KestrelServerOptions kestrel, TemporalServerOptions options, Listeners listeners)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxConcurrentConnections = options.MaximumConnections;

        // Requests are sent in one go, also of calls whose answers take long: a body that trickles in is cut off.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.PingInterval;
        kestrel.Limits.Http2.KeepAlivePingTimeout = options.PingInterval;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaximumStreamsPerConnection;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        Listen(options.Listen, HttpProtocols.Http2, endpoint => listeners.Grpc = endpoint);
        if (options.HttpListen is { } http)
        {
            Listen(http, HttpProtocols.Http1, endpoint => (listeners.Http = endpoint).Speak(HttpForm.Api));
        }

        if (options.UiListen is { } ui)
        {
            Listen(ui, HttpProtocols.Http1, endpoint => (listeners.Ui = endpoint).Speak(HttpForm.Ui));
        }

        void Listen(IPEndPoint where, HttpProtocols protocols, Action<ListenOptions> configure) => kestrel.Listen(where, endpoint =>
        {
            endpoint.Protocols = protocols;
            if (options.Certificate is { } certificate)
            {
                endpoint.UseHttps(https => Configure(https, certificate, options.ClientAuthorities));
            }

            configure(endpoint);
        });
    }

    private static void Configure(HttpsConnectionAdapterOptions https, X509Certificate2 certificate, X509Certificate2Collection? authorities)
    {
        https.ServerCertificate = certificate;
        if (authorities is { Count: > 0 })
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (client, shown, _) => IsIssuedBy(client, shown, authorities);
        }
    }

    private static bool IsIssuedBy(X509Certificate2 client, X509Chain? shown, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (shown is not null)
        {
            // Intermediate authorities that the client sent along.
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        }

        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(client);
    }

    /// <summary>What Kestrel listens on; it writes the ports that it got into them.</summary>
    private sealed class Listeners
    {
        public ListenOptions? Grpc { get; set; }

        public ListenOptions? Http { get; set; }

        public ListenOptions? Ui { get; set; }
    }

    /// <summary>Our owner starts and stops us: signals of the process are his to handle.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
