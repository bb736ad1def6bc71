using Temporalio.Runtime;

namespace Temporalio.Client;

/// <summary>Where and how to connect.</summary>
public class TemporalConnectionOptions : ICloneable
{
    /// <summary>Everything at its default.</summary>
    public TemporalConnectionOptions()
    {
    }

    /// <summary>With a target.</summary>
    /// <param name="targetHost"><c>host:port</c>.</param>
    public TemporalConnectionOptions(string targetHost) => TargetHost = targetHost;

    /// <summary><c>host:port</c>; required.</summary>
    public string? TargetHost { get; set; }

    /// <summary>TLS. Default: null, which means none unless there is an API key.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>Retries of transient errors. Default: as the options' own defaults say.</summary>
    public RpcRetryOptions? RpcRetry { get; set; }

    /// <summary>Keep-alive pings; null for none. Default: as the options' own defaults say.</summary>
    public KeepAliveOptions? KeepAlive { get; set; } = new();

    /// <summary>Headers of every call.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? RpcMetadata { get; set; }

    /// <summary>Binary headers of every call; their names end in <c>-bin</c>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>>? RpcBinaryMetadata { get; set; }

    /// <summary>API key, sent as a bearer token. Turns TLS on unless it is disabled.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Who we say we are. Default: process id and machine name.</summary>
    public string? Identity { get; set; }

    /// <summary>Runtime. Default: <see cref="TemporalRuntime.Default"/>.</summary>
    public TemporalRuntime? Runtime { get; set; }

    /// <summary>A copy; the options within are copied too, the runtime is not.</summary>
    public virtual object Clone()
    {
        var copy = (TemporalConnectionOptions)MemberwiseClone();
        copy.Tls = (TlsOptions?)Tls?.Clone();
        copy.RpcRetry = (RpcRetryOptions?)RpcRetry?.Clone();
        copy.KeepAlive = (KeepAliveOptions?)KeepAlive?.Clone();
        return copy;
    }
}
