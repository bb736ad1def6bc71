using System.Security.Cryptography;

namespace Onramp.EmbeddedServer.Access;

/// <summary>
/// Tells by the <c>authorization</c> header what a caller may do. Keys are kept and compared as hashes, all of them each time, so that neither
/// memory nor timing tells them; what is no key may be a token.
/// </summary>
internal sealed class Authenticator(IReadOnlyCollection<ApiKey> keys, BearerTokens? tokens) : IDisposable
{
    private const string Scheme = "Bearer ";

    /// <summary>Null: nobody that is known.</summary>
    public async Task<Grants?> IdentifyAsync(string header, CancellationToken cancellationToken)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var shown = header[Scheme.Length..].Trim();
        return Find(shown) ?? (tokens is null ? null : await tokens.ReadAsync(shown, cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => tokens?.Dispose();

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
