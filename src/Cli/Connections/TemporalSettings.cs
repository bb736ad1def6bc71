using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Onramp.Cli.Options;
using Temporalio.Client;

namespace Onramp.Cli.Connections;

/// <summary>
/// Which Temporal to work with, as the environment says, in the official names: <c>TEMPORAL_ADDRESS</c>,
/// <c>TEMPORAL_NAMESPACE</c>, <c>TEMPORAL_API_KEY</c>, <c>TEMPORAL_TLS</c> and <c>TEMPORAL_TLS_…</c>. Without an address the
/// embedded server is meant.
/// </summary>
public sealed record TemporalSettings
{
    public const string AddressVariable = "TEMPORAL_ADDRESS";
    public const string NamespaceVariable = "TEMPORAL_NAMESPACE";
    public const string ApiKeyVariable = "TEMPORAL_API_KEY";
    public const string TlsVariable = "TEMPORAL_TLS";

    public const string DefaultAddress = "127.0.0.1:7233";

    private static readonly string[] Switches = ["_CLIENT_CERT_PATH", "_CLIENT_CERT_DATA", "_CLIENT_KEY_PATH", "_CLIENT_KEY_DATA", "_SERVER_CA_CERT_PATH", "_SERVER_CA_CERT_DATA", "_SERVER_NAME"];

    /// <summary><c>HOST:PORT</c>; null: the embedded server.</summary>
    public string? Address { get; init; }

    public string Namespace { get; init; } = "default";
    public string? ApiKey { get; init; }
    public TlsOptions? Tls { get; init; }

    public static TemporalSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <exception cref="CliException">A variable makes no sense.</exception>
    public static TemporalSettings From(Func<string, string?> variable)
    {
        string? Read(string name) => variable(name) is { Length: > 0 } value ? value.Trim() : null;
        var address = Read(AddressVariable);
        if (address is not null && !IsAddress(address))
            throw new CliException($"{AddressVariable} must be HOST:PORT, such as temporal.example.com:7233, not '{address}'.", ExitCodes.Usage);
        var apiKey = Read(ApiKeyVariable);
        return new TemporalSettings
        {
            Address = address,
            Namespace = Read(NamespaceVariable) ?? "default",
            ApiKey = apiKey,
            Tls = ReadTls(Read, apiKey is not null),
        };
    }

    /// <summary>Compresses only what leaves the machine: on loopback it costs 40 % of a run's time and saves nothing.</summary>
    public TemporalClientConnectOptions ToConnectOptions(string address) => new(address)
    {
        Namespace = Namespace,
        ApiKey = ApiKey,
        Tls = Tls,
        GrpcCompression = IsLoopback(address) ? new GrpcCompression.None() : new TemporalClientConnectOptions().GrpcCompression,
    };

    private static TlsOptions? ReadTls(Func<string, string?> read, bool hasApiKey)
    {
        var on = ReadSwitch(read, TlsVariable);
        if (ReadSwitch(read, $"{TlsVariable}_DISABLE_HOST_VERIFICATION") == true)
            throw new CliException($"{TlsVariable}_DISABLE_HOST_VERIFICATION is not supported: give the server's authority in {TlsVariable}_SERVER_CA_CERT_PATH.", ExitCodes.Usage);
        var detailed = Switches.Any(s => read(TlsVariable + s) is not null);
        // With an API key the client turns TLS on by itself, unless it is told not to.
        if (on == false)
            return hasApiKey ? new TlsOptions { Disabled = true } : null;
        if (on is null && !detailed && !hasApiKey)
            return null;
        var tls = new TlsOptions
        {
            ServerRootCACert = ReadAuthorities(read),
            ClientCert = ReadBytes(read, "CLIENT_CERT"),
            ClientPrivateKey = ReadBytes(read, "CLIENT_KEY"),
            Domain = read($"{TlsVariable}_SERVER_NAME"),
        };
        if (tls.ClientCert is null != tls.ClientPrivateKey is null)
            throw new CliException($"{TlsVariable}_CLIENT_CERT_… and {TlsVariable}_CLIENT_KEY_… must be given together.", ExitCodes.Usage);
        return tls;
    }

    /// <summary>Core takes what holds no certificate for "no authorities given" and trusts the system's; that would be a surprise.</summary>
    private static byte[]? ReadAuthorities(Func<string, string?> read)
    {
        const string Name = "SERVER_CA_CERT";
        if (ReadBytes(read, Name) is not { } bytes)
            return null;
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(System.Text.Encoding.UTF8.GetString(bytes));
            if (authorities.Count > 0)
                return bytes;
        }
        catch (CryptographicException)
        {
            // Said below.
        }
        throw new CliException($"{TlsVariable}_{Name}_… must hold certificates in PEM form.", ExitCodes.Usage);
    }

    private static bool? ReadSwitch(Func<string, string?> read, string name) => read(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "1" or "yes" => true,
        "false" or "0" or "no" => false,
        var other => throw new CliException($"{name} must be true or false, not '{other}'.", ExitCodes.Usage),
    };

    private static byte[]? ReadBytes(Func<string, string?> read, string name)
    {
        if (read($"{TlsVariable}_{name}_DATA") is { } data)
            return System.Text.Encoding.UTF8.GetBytes(data);
        if (read($"{TlsVariable}_{name}_PATH") is not { } path)
            return null;
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new CliException($"{TlsVariable}_{name}_PATH names '{path}', which does not exist.", ExitCodes.Usage);
    }

    private static bool IsLoopback(string address) => EndPoints.TryParse(address, out var endPoint) && IPAddress.IsLoopback(endPoint.Address);

    private static bool IsAddress(string text)
    {
        if (EndPoints.TryParse(text, out var endPoint))
            return endPoint.Port > 0;
        var colon = text.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown && ushort.TryParse(text[(colon + 1)..], out var port) && port > 0;
    }
}
