using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Onramp.Sandbox.Control;
using Onramp.Sandbox.Hosting;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox;

/// <summary>A running sandbox: where each stand-in listens, and the certificate that Azure's is trusted by.</summary>
public sealed class SandboxHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly DocumentStore _store;
    private readonly Certificates _certificates;
    private readonly IReadOnlyDictionary<string, Uri> _addresses;

    private SandboxHost(
        SandboxOptions options,
        WebApplication application,
        DocumentStore store,
        Certificates certificates,
        IReadOnlyDictionary<string, Uri> addresses)
    {
        Options = options;
        _application = application;
        _store = store;
        _certificates = certificates;
        _addresses = addresses;
    }

    /// <summary>Names of the stand-ins in the order of their ports.</summary>
    public static IReadOnlyList<string> Systems { get; } = ["github", "kubernetes", "azure", "grafana", "catalog", "chat", "mail", "pagerduty"];

    /// <summary>What the sandbox was started with.</summary>
    public SandboxOptions Options { get; }

    /// <summary>GitHub's REST API (no path prefix).</summary>
    public Uri GitHub => _addresses["github"];

    /// <summary>The Kubernetes API server.</summary>
    public Uri Kubernetes => _addresses["kubernetes"];

    /// <summary>Azure Resource Manager; over TLS.</summary>
    public Uri Azure => _addresses["azure"];

    /// <summary>Entra ID's authority host: append the tenant id. Same port as <see cref="Azure"/>.</summary>
    public Uri AzureLogin => _addresses["azure"];

    /// <summary>Grafana.</summary>
    public Uri Grafana => _addresses["grafana"];

    /// <summary>Backstage; the catalog's prefix is <c>/api/catalog</c>.</summary>
    public Uri Catalog => _addresses["catalog"];

    /// <summary>Slack's Web API, for a bot's token.</summary>
    public Uri SlackApi => _addresses["chat"];

    /// <summary>Slack's incoming webhook. Holds its secret, like the real one.</summary>
    public Uri SlackWebhook => new(_addresses["chat"], $"/services/T0SANDBOX/B0SANDBOX/{Options.Credentials.SlackWebhookSecret}");

    /// <summary>Teams' workflow webhook. Holds its signature, like the real one.</summary>
    public Uri TeamsWebhook => new(
        _addresses["chat"],
        $"/workflows/sandbox/triggers/manual/paths/invoke?api-version=2016-06-01&sig={Options.Credentials.TeamsWebhookSignature}");

    /// <summary>The mail service; POST to <c>/v3/mail/send</c>.</summary>
    public Uri Mail => _addresses["mail"];

    /// <summary>PagerDuty's events; POST to <c>/v2/enqueue</c>.</summary>
    public Uri PagerDuty => _addresses["pagerduty"];

    /// <summary>Where <c>/_sandbox/state</c>, <c>ledger</c>, <c>faults</c> and <c>reset</c> are (every other port has them too).</summary>
    public Uri Control => new(_addresses["github"], "/_sandbox/");

    /// <summary>The authority that signed the TLS certificates; give it to clients as their only trust.</summary>
    public X509Certificate2 CertificateAuthority => _certificates.Authority;

    /// <summary>The same in PEM, for <c>NODE_EXTRA_CA_CERTS</c>, <c>SSL_CERT_FILE</c> and the like.</summary>
    public string CertificateAuthorityPem => _certificates.Authority.ExportCertificatePem();

    /// <summary>Address of a stand-in by name (<see cref="Systems"/>).</summary>
    public Uri Address(string system) => _addresses[system];

    /// <summary>Starts every stand-in. When it returns, all of them listen and what is seeded exists.</summary>
    public static async Task<SandboxHost> StartAsync(SandboxOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SandboxOptions();
        options.Validate();
        var store = new DocumentStore(options.DataFile);
        try
        {
            return await StartAsync(options, store, KeptPorts(store, options), cancellationToken);
        }
        catch (IOException) when (options.FirstPort == 0 && Setting(store, "ports") is not null)
        {
            return await StartAsync(options, store, new int[Systems.Count], cancellationToken);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
        lock (_store.Gate)
        {
            _store.Dispose();
        }

        _certificates.Dispose();
    }

    private static async Task<SandboxHost> StartAsync(
        SandboxOptions options, DocumentStore store, int[] ports, CancellationToken cancellationToken)
    {
        var certificates = LoadCertificates(store, options.TimeProvider);
        var context = new SandboxContext(options, store);
        var listeners = SystemCatalog.Listeners(context);
        var systems = listeners.SelectMany(SystemCatalog.Behind).ToList();
        void Reset()
        {
            store.Clear();
            SeedAll(store, systems, options.TimeProvider);
        }

        var control = new ControlRoutes(store, systems, options.ControlToken, Reset);
        var pipeline = new Pipeline(store, systems, control, options.TimeProvider);
        context.Settle = pipeline.Settle;
        lock (store.Gate)
        {
            if (Setting(store, "seeded") is null)
            {
                store.Transact(() =>
                {
                    SeedAll(store, systems, options.TimeProvider);
                    store.Put(DocumentStore.Own, "setting", "seeded", new JsonObject { ["value"] = true });
                    return systems.Count;
                });
            }
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var bound = new ListenOptions[listeners.Count];
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            for (var i = 0; i < listeners.Count; i++)
            {
                var (index, listener) = (i, listeners[i]);
                kestrel.Listen(options.ListenAddress, ports[i], listen =>
                {
                    bound[index] = listen;
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(new Listener(listener));
                        return next(connection);
                    });
                    if (listener.Tls)
                    {
                        listen.UseHttps(https => https.ServerCertificateSelector = (_, name) => certificates.For(name));
                    }
                });
            }
        });
        builder.Services.AddLogging(logging => logging.AddFilter(_ => false));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var application = builder.Build();
        ((IApplicationBuilder)application).Run(http => pipeline.RunAsync(http, http.Features.Get<Listener>()!.System));
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            certificates.Dispose();
            throw;
        }

        var addresses = new Dictionary<string, Uri>(StringComparer.Ordinal);
        var host = options.ListenAddress.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{options.ListenAddress}]" : options.ListenAddress.ToString();
        for (var i = 0; i < listeners.Count; i++)
        {
            addresses[Systems[i]] = new Uri($"{(listeners[i].Tls ? "https" : "http")}://{host}:{bound[i].IPEndPoint!.Port}");
        }

        lock (store.Gate)
        {
            store.Put(DocumentStore.Own, "setting", "ports", new JsonObject { ["value"] = new JsonArray([.. bound.Select(b => (JsonNode)b.IPEndPoint!.Port)]) });
        }

        return new SandboxHost(options, application, store, certificates, addresses);
    }

    private static void SeedAll(DocumentStore store, IReadOnlyList<SandboxSystem> systems, TimeProvider time)
    {
        foreach (var system in systems)
        {
            system.Seed(new Documents(store, system.Name, time.GetUtcNow()));
        }
    }

    private static int[] KeptPorts(DocumentStore store, SandboxOptions options)
    {
        if (options.FirstPort > 0)
        {
            return [.. Enumerable.Range(options.FirstPort, Systems.Count)];
        }

        var kept = (Setting(store, "ports")?["value"] as JsonArray)?.Select(p => p!.GetValue<int>()).ToArray();
        return kept?.Length == Systems.Count ? kept : new int[Systems.Count];
    }

    private static Certificates LoadCertificates(DocumentStore store, TimeProvider time)
    {
        if (Setting(store, "authority").Text("value") is { } kept)
        {
            return Certificates.Load(Convert.FromBase64String(kept), time);
        }

        var created = Certificates.Create(time);
        store.Put(DocumentStore.Own, "setting", "authority", new JsonObject { ["value"] = Convert.ToBase64String(created.Export()) });
        return created;
    }

    private static JsonObject? Setting(DocumentStore store, string name) => store.Get(DocumentStore.Own, "setting", name);

    private sealed record Listener(SandboxSystem System);
}
