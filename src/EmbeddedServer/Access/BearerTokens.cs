using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Onramp.EmbeddedServer.Access;

/// <summary>Tells what a token's bearer may do, if the token is good: signed by a key that is trusted, in time, from and for whom it must be.</summary>
internal sealed partial class BearerTokens(TokenTrust trust, TimeProvider wallClock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly TokenKeys keys = new(trust.Keys!);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };

    /// <summary>Null when the token is not good, or its keys can't be had.</summary>
    public async Task<Grants?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (!handler.CanReadToken(token))
        {
            return null;
        }

        var result = await ValidateAsync(token, cancellationToken).ConfigureAwait(false);
        if (result is { IsValid: false, Exception: SecurityTokenSignatureKeyNotFoundException })
        {
            // Keys are rotated: those who try again find it.
            keys.Refresh();
        }

        return result is { IsValid: true } ? Grants.ParseKnown(PermissionsOf((JsonWebToken)result.SecurityToken)) : null;
    }

    public void Dispose() => keys.Dispose();

    private async Task<TokenValidationResult?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            return await handler.ValidateTokenAsync(token, new TokenValidationParameters
            {
                IssuerSigningKeys = await keys.GetAsync(cancellationToken).ConfigureAwait(false),
                ValidateIssuer = trust.Issuer is not null,
                ValidIssuer = trust.Issuer,
                ValidateAudience = trust.Audience is not null,
                ValidAudience = trust.Audience,
                RequireExpirationTime = true,
                LifetimeValidator = IsInTime,
            }).ConfigureAwait(false);
        }
        catch (InvalidOperationException e)
        {
            LogNoKeys(logger, trust.Keys!, e.Message);
            return null;
        }
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = wallClock.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + ClockSkew && (notBefore is not { } begin || now > begin - ClockSkew);
    }

    /// <summary>A list, or one text of several.</summary>
    private IEnumerable<string> PermissionsOf(JsonWebToken token) => token.Claims
        .Where(claim => claim.Type == trust.PermissionsClaim)
        .SelectMany(claim => claim.Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));

    [LoggerMessage(1, LogLevel.Error, "The keys of {Source}, which tokens are checked with, can't be read: {Reason}")]
    private static partial void LogNoKeys(ILogger logger, Uri source, string reason);
}
