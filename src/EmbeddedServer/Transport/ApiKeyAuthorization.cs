using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>
/// Lets in calls that carry a known API key. Keys are kept and compared as hashes, all of them each time, so that neither memory
/// nor timing tells them.
/// </summary>
internal sealed class ApiKeyAuthorization(IEnumerable<string> keys)
{
    private const string Scheme = "Bearer ";
    private const string HealthPath = "/grpc.health.v1.Health/";

    private readonly byte[][] hashes = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>Whether the call may go on; health checks always may.</summary>
    public bool Lets(HttpContext http)
    {
        if (http.Request.Path.Value!.StartsWith(HealthPath, StringComparison.Ordinal))
        {
            return true;
        }

        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsKnown(header[Scheme.Length..].Trim());
    }

    private bool IsKnown(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        var known = false;
        foreach (var candidate in hashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(candidate, hash);
        }

        return known;
    }
}
