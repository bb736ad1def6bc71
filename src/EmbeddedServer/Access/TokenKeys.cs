using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Tokens;

namespace Onramp.EmbeddedServer.Access;

/// <summary>The keys that sign tokens, from a file or an address. Read again twice a day, and when a token names one that isn't there.</summary>
internal sealed class TokenKeys : IDisposable
{
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1024 * 1024 };
    private readonly ConfigurationManager<JsonWebKeySet> sets;

    public TokenKeys(Uri source)
    {
        IDocumentRetriever documents = source.IsFile
            ? new FileDocumentRetriever()
            : new HttpDocumentRetriever(client) { RequireHttps = source.Scheme == Uri.UriSchemeHttps };
        sets = new ConfigurationManager<JsonWebKeySet>(source.IsFile ? source.LocalPath : source.AbsoluteUri, new SetReader(), documents)
        {
            RefreshInterval = ConfigurationManager<JsonWebKeySet>.MinimumRefreshInterval,
        };
    }

    /// <exception cref="InvalidOperationException">They were never to be had: the file or the address doesn't answer.</exception>
    public async Task<ICollection<SecurityKey>> GetAsync(CancellationToken cancellationToken) =>
        (await sets.GetConfigurationAsync(cancellationToken).ConfigureAwait(false)).GetSigningKeys();

    /// <summary>A token named a key that isn't there: asks for the set again, unless that was just done.</summary>
    public void Refresh() => sets.RequestRefresh();

    public void Dispose() => client.Dispose();

    private sealed class SetReader : IConfigurationRetriever<JsonWebKeySet>
    {
        public async Task<JsonWebKeySet> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel) =>
            new(await retriever.GetDocumentAsync(address, cancel).ConfigureAwait(false));
    }
}
