using System.Security.Cryptography;
using System.Text;

namespace Onramp.EmbeddedServer.Access;

/// <summary>
/// Tells by the <c>authorization</c> header what a caller may do. Keys are kept and compared as hashes, all of them each time, so that neither
/// memory nor timing tells them; what is no key may be a token.
/// </summary>
internal sealed class Authenticator(IReadOnlyCollection<ApiKey> keys, BearerTokens? tokens) : IDisposable
{
    private const string Scheme = "Bearer ";
    private const string PasswordScheme = "Basic ";

    /// <summary>Null: nobody that is known.</summary>
    /// <param name="header">The header; empty if there is none.</param>
    /// <param name="cancellationToken">Fires when the caller has gone.</param>
    /// <param name="takesPassword">Whether the key may be a password (with any name) as well, which is how browsers ask for one.</param>
    public async Task<Grants?> IdentifyAsync(string header, CancellationToken cancellationToken, bool takesPassword = false)
    {
        var shown = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : takesPassword ? PasswordOf(header) : null;
        if (shown is null)
        {
            return null;
        }

        return Find(shown) ?? (tokens is null ? null : await tokens.ReadAsync(shown, cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => tokens?.Dispose();

    private static string? PasswordOf(string header)
    {
        var buffer = new byte[header.Length];
        if (!header.StartsWith(PasswordScheme, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(header[PasswordScheme.Length..].Trim(), buffer, out var count))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(buffer.AsSpan(0, count));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }

    private Grants? Find(string shown)
    {
        var hash = ApiKey.HashOf(shown);
        Grants? found = null;
        foreach (var key in keys)
        {
            found = CryptographicOperations.FixedTimeEquals(key.Hash, hash) ? key.Grants : found;
        }

        return found;
    }
}
