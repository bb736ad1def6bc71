using System.Security.Cryptography;
using System.Text;

namespace Onramp.EmbeddedServer.Access;

/// <summary>A key that callers show as <c>authorization: Bearer KEY</c>, and what it lets them do. Only its hash is kept.</summary>
public sealed class ApiKey
{
    /// <param name="key">The key; not empty.</param>
    /// <param name="grants">What it lets its bearer do; everything by default.</param>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public ApiKey(string key, Grants? grants = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        Hash = HashOf(key);
        Grants = grants ?? Grants.All;
    }

    /// <summary>What it lets its bearer do.</summary>
    public Grants Grants { get; }

    internal byte[] Hash { get; }

    /// <summary>A key that lets its bearer do everything.</summary>
    public static implicit operator ApiKey(string key) => new(key);

    /// <summary>As the implicit conversion.</summary>
    public static ApiKey FromString(string key) => new(key);

    internal static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
