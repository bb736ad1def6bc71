using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Starter.Security;

namespace Onramp.Starter;

/// <summary>What the HTTP API may be told. Every default is safe for a laptop: loopback, no tokens, modest limits.</summary>
public sealed class StarterOptions
{
    internal const int DefaultMaxBodyBytes = 65_536;

    /// <summary>Where it listens. Default 127.0.0.1 on a free port. Beyond loopback <see cref="Tokens"/> must not be empty.</summary>
    [Required]
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>Who may call. Empty (default): everyone who reaches the loopback address, and callers say who they are.</summary>
    public IReadOnlyList<ApiToken> Tokens { get; set; } = [];

    /// <summary>Largest request body in bytes. Default 65 536, range 1 024 to 1 048 576.</summary>
    [Range(1024, 1_048_576)]
    public int MaxBodyBytes { get; set; } = DefaultMaxBodyBytes;

    /// <summary>Requests a minute for one caller; more get 429. Default 600, range 1 to 1 000 000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Event streams open at once; more get 429. Default 200, range 1 to 100 000.</summary>
    [Range(1, 100_000)]
    public int MaxEventStreams { get; set; } = 200;

    /// <summary>How long a question to a running workflow may take before the answer is given without it. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Temporal's server may take to say what it knows of a run by itself. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ServerTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an event stream looks for what history does not tell (attempts of a step that is retried). Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan EventRefresh { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which an event stream sends a comment, so that proxies keep it open. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan EventKeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long open requests may take to end once the process is asked to stop. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where people reach Temporal's web UI, so that answers lead to a run's page. Default none.</summary>
    public Uri? TemporalUi { get; set; }

    /// <summary>Clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>
    /// What the composition root adds to the host (request logs; an <c>IStartupFilter</c> comes first in the pipeline). When a request ends,
    /// <see cref="Http.CorrelationId.Of"/> and <see cref="Caller.Of"/> tell its id and caller; both are tags of its activity too. Default nothing.
    /// </summary>
    public Action<IServiceCollection>? ConfigureServices { get; set; }

    /// <summary>Refuses what would be unsafe or senseless, naming the option.</summary>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (!IPAddress.IsLoopback(Listen.Address) && Tokens.Count == 0)
            throw new ValidationException($"{Listen} is beyond loopback: API tokens are required there.");
        if (TemporalUi is not null && TemporalUi is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            throw new ValidationException($"'{TemporalUi}' is not the address of a web UI: it must be http(s)://HOST.");
    }
}
