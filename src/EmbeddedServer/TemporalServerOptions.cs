using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer;

/// <summary>How an <see cref="TemporalServer"/> runs.</summary>
public sealed class TemporalServerOptions : IValidatableObject
{
    /// <summary>The data file's name that means a store in memory, gone when the server stops.</summary>
    public const string InMemory = ":memory:";

    /// <summary>The port that Temporal clients expect.</summary>
    public const int DefaultPort = 7233;

    /// <summary>
    /// Where to listen for gRPC; port 0 takes a free one. Default 127.0.0.1:7233. Beyond loopback only with authentication.
    /// </summary>
    [Required]
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>
    /// Where to listen for Temporal's HTTP API (JSON over HTTP/1.1); port 0 takes a free one. Default none. Beyond loopback only with authentication.
    /// </summary>
    public IPEndPoint? HttpListen { get; set; }

    /// <summary>
    /// Where to listen for what Temporal's web UI asks for under <c>/api/v1</c> (JSON over HTTP/1.1, payloads in full); port 0 takes a free one.
    /// Default none. Beyond loopback only with authentication.
    /// </summary>
    public IPEndPoint? UiListen { get; set; }

    /// <summary>
    /// The folder of a built web UI (<c>index.html</c> and what it loads), served on <see cref="UiListen"/>; read whole at the start. Default none: only what
    /// it asks for is answered.
    /// </summary>
    public string? UiFiles { get; set; }

    /// <summary>
    /// Names beside <c>localhost</c> and the loopback addresses by which browsers reach <see cref="UiListen"/>, through a proxy for instance; others are
    /// refused, unless callers have to authenticate. Default none.
    /// </summary>
    public IReadOnlyCollection<string> UiHosts { get; set; } = [];

    /// <summary>The SQLite file that keeps everything, or <see cref="InMemory"/>. Default in memory. Its folder must exist.</summary>
    [Required(AllowEmptyStrings = false)]
    public string DataFile { get; set; } = InMemory;

    /// <summary>Serves TLS with this certificate (it needs its private key). Default none: cleartext HTTP/2.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>With a <see cref="Certificate"/>: clients must show one that one of these issued. Default none.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; set; }

    /// <summary>If any: every call (but health checks) must carry one of these, or a token, as <c>authorization: Bearer KEY</c>. Default none.</summary>
    public IReadOnlyCollection<ApiKey> ApiKeys { get; set; } = [];

    /// <summary>If set: every call (but health checks) must carry a token that this describes, or an API key. Default none.</summary>
    public TokenTrust? Tokens { get; set; }

    /// <summary>Connections at once, all listeners together; more are closed as they come. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaximumConnections { get; set; } = 10_000;

    /// <summary>
    /// Calls that may be under way at once, from their first byte to the last one of their answers, long polls among them; more are refused with
    /// RESOURCE_EXHAUSTED. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaximumCallsInFlight { get; set; } = 100_000;

    /// <summary>
    /// Bytes that the messages of all calls under way may have. Beyond that requests of more than 4 KiB are refused with RESOURCE_EXHAUSTED, which clients retry.
    /// Default 512 MiB; at least 8 MiB.
    /// </summary>
    [Range(8L * 1024 * 1024, 1024L * 1024 * 1024 * 1024)]
    public long MaximumCallBytesInFlight { get; set; } = 512L * 1024 * 1024;

    /// <summary>Calls a second in the long run, twice as many in a burst; more are refused with RESOURCE_EXHAUSTED, which clients retry. Default 20,000.</summary>
    [Range(1, 10_000_000)]
    public int MaximumCallsPerSecond { get; set; } = 20_000;

    /// <summary>Namespaces to create when they are not there yet. Default <c>default</c>.</summary>
    public IReadOnlyCollection<string> Namespaces { get; set; } = ["default"];

    /// <summary>How long created namespaces keep closed workflows. Default 24 h, at least 1 h.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan NamespaceRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Custom search attributes that those namespaces get when they lack them. Default none.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; set; } = new Dictionary<string, IndexedValueType>(StringComparer.Ordinal);

    /// <summary>
    /// The server's time: timers, timeouts and event times go by it. Long polls and deadlines always go by real time. With a
    /// <see cref="Timers.SkippingTimeProvider"/> the server also offers Temporal's test service, with which test environments skip time.
    /// </summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Makes ids and jitter repeatable. Default none: they are random.</summary>
    public int? Seed { get; set; }

    /// <summary>Default: no logs.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// How long stopping waits for calls in flight, and as long again for each of what is done in the background and for somebody else's lock on the data file.
    /// Default 10 s; 0 to 10 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection may be silent before it is pinged, and how long the answer may take: one that is open on this side only would swallow
    /// the tasks that its polls are given. Default 10 s; at least 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Limits and sizes of workflow executions.</summary>
    public HistoryEngineOptions History { get; set; } = new();

    /// <summary>Windows of task queues.</summary>
    public MatchingOptions Matching { get; set; } = new();

    /// <summary>Whether callers have to say who they are.</summary>
    internal bool IsAuthenticated => ShowsSecrets || ClientAuthorities is { Count: > 0 };

    /// <summary>Whether callers send what others could use.</summary>
    private bool ShowsSecrets => ApiKeys.Count > 0 || Tokens is not null;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, where) in new[] { (nameof(Listen), Listen), (nameof(HttpListen), HttpListen), (nameof(UiListen), UiListen) })
        {
            if (where is not null && !IPAddress.IsLoopback(where.Address) && !IsAuthenticated)
            {
                yield return new ValidationResult(
                    $"Listening on {where} reaches beyond this machine: configure API keys or tokens with a certificate, or a certificate and client authorities (mTLS).", [name]);
            }

            if (where is not null && !IPAddress.IsLoopback(where.Address) && ShowsSecrets && Certificate is null)
            {
                yield return new ValidationResult($"On {where} API keys and tokens would cross the network in cleartext: configure a certificate.", [nameof(Certificate)]);
            }
        }

        if (ClientAuthorities is { Count: > 0 } && Certificate is null)
        {
            yield return new ValidationResult("Client certificates need TLS: configure a certificate.", [nameof(Certificate)]);
        }

        if (Certificate is { HasPrivateKey: false })
        {
            yield return new ValidationResult("The certificate has no private key.", [nameof(Certificate)]);
        }

        if (Tokens is { ReachesKeysSafely: false })
        {
            yield return new ValidationResult("The tokens' keys must be a file, or an https address.", [nameof(Tokens)]);
        }

        if (Namespaces.Any(string.IsNullOrEmpty))
        {
            yield return new ValidationResult("A namespace's name is empty.", [nameof(Namespaces)]);
        }
    }
}
