using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Identity;
using Onramp.Activities.Http;

namespace Onramp.Activities.Azure;

/// <summary>
/// OAuth client credentials at a token endpoint that isn't Entra ID's own, such as the sandbox's; Azure.Identity insists on
/// discovering the authority through Microsoft's cloud.
/// </summary>
internal sealed class ClientCredentialsTokens(HttpClient http, AzureOptions options, TimeProvider time) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException("only asynchronous calls are made");

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var endpoint = $"{options.AuthorityUrl!.TrimEnd('/')}/{requestContext.TenantId ?? options.TenantId}/oauth2/v2.0/token";
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = options.ClientId ?? "",
            ["client_secret"] = options.ClientSecret ?? "",
            ["scope"] = string.Join(' ', requestContext.Scopes),
        });
        using var response = await http.PostAsync(endpoint, form, cancellationToken);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        if (!response.IsSuccessStatusCode)
            throw new AuthenticationFailedException($"token endpoint answered {(int)response.StatusCode}: {body.Text("error")}");
        var life = TimeSpan.FromSeconds(int.Parse(body.Text("expires_in") ?? "300"));
        return new AccessToken(body.Text("access_token")!, time.GetUtcNow() + life);
    }
}
