using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Onramp.Starter.Http;

namespace Onramp.Starter.Security;

/// <summary>Knows callers by their bearer token. What it refuses is told as a problem; the token itself is told to nobody.</summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, StarterOptions options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public new const string Scheme = "Bearer";

    /// <summary>Tag of the request's activity that says who called.</summary>
    private const string CallerTag = "enduser.id";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return Task.FromResult(AuthenticateResult.NoResult());
        var token = header.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase)
            ? ApiToken.Find(options.Tokens, header[Scheme.Length..].Trim())
            : null;
        if (token is null)
            return Task.FromResult(AuthenticateResult.Fail("The token is not one that this API knows."));
        Context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag(CallerTag, token.Caller);
        var caller = new Caller(token.Caller, token.Groups, IsAuthenticated: true);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme), Scheme)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isMissing = Request.Headers.Authorization.Count == 0;
        Response.Headers[HeaderNames.WWWAuthenticate] = isMissing ? Scheme : $"{Scheme} error=\"invalid_token\"";
        return ProblemWriter.WriteAsync(Context, Problems.Unauthorized(isMissing));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ProblemWriter.WriteAsync(Context, Problems.Forbidden("Authorization", "allowed", "Authorization must hold the token of somebody who may do this"));
}

/// <summary>Tokens are off: whoever reaches the loopback address is let in as <see cref="Caller.Local"/>.</summary>
internal sealed class LoopbackAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public new const string Scheme = "Loopback";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Caller.Local.ToPrincipal(Scheme), Scheme)));
}
