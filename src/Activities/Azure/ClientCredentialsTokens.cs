using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Identity;
using Onramp.Activities.Common;
using Onramp.Activities.Http;

namespace Onramp.Activities.Azure;

/// <summary>
/// OAuth client credentials at a token endpoint that isn't Entra ID's own, such as the sandbox's; Azure.Identity insists on
/// discovering the authority through Microsoft's cloud.
/// </summary>
internal sealed class ClientCredentialsTokens(HttpClient http, AzureOptions options, TimeProvider time) : TokenCredential
{
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(5);

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
        var reply = new ApiReply(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
        var body = reply.Json;
        if (!response.IsSuccessStatusCode || body is not JsonObject)
            throw Refused(reply);
        var life = TimeSpan.FromSeconds(int.Parse(body.Text("expires_in") ?? "300"));
        return new AccessToken(body.Text("access_token")!, time.GetUtcNow() + life);
    }

    private Exception Refused(ApiReply reply)
    {
        var message = $"token endpoint answered {reply.Status}: {reply.Json.Text("error") ?? "not what a token endpoint answers"}";
        return reply.Status switch
        {
            429 => Failures.RateLimited("Azure", message, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            < 300 or 408 or >= 500 => Failures.Transient("Azure", message, reply.Status, RetryAfter.Read(reply, time.GetUtcNow())),
            _ => new AuthenticationFailedException(message),
        };
    }
}
