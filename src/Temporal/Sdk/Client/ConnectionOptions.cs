namespace Temporalio.Client;

/// <summary>TLS of a connection.</summary>
public class TlsOptions : ICloneable
{
    /// <summary>Certificate authorities to trust, PEM. Default: the system's.</summary>
    public byte[]? ServerRootCACert { get; set; }

    /// <summary>Name that the server's certificate must carry. Default: the target's host.</summary>
    public string? Domain { get; set; }

    /// <summary>Client certificate for mTLS, PEM.</summary>
    public byte[]? ClientCert { get; set; }

    /// <summary>Private key of the client certificate, PEM.</summary>
    public byte[]? ClientPrivateKey { get; set; }

    /// <summary>Rules TLS out even when an API key is given. Default: false.</summary>
    public bool Disabled { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>Pings that keep a connection open and notice when it is dead.</summary>
public class KeepAliveOptions : ICloneable
{
    /// <summary>How often to ping. Default: 30 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for the answer. Default: 15 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
