using System.ComponentModel.DataAnnotations;

namespace Onramp.EmbeddedServer.Access;

/// <summary>Whose tokens (JWT) are taken: what signs them, and what must be in them.</summary>
public sealed class TokenTrust
{
    /// <summary>Claim that Temporal's own server reads permissions from.</summary>
    public const string DefaultPermissionsClaim = "permissions";

    /// <summary>Where the issuer's keys are, as a JWK set: an <c>https</c> address (<c>http</c> only on the loopback address), or a file.</summary>
    [Required]
    public Uri? Keys { get; set; }

    /// <summary>The <c>iss</c> that tokens must have. Default: any that those keys signed.</summary>
    public string? Issuer { get; set; }

    /// <summary>The <c>aud</c> that tokens must have. Default: any.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that lists permissions as <see cref="Grants"/> reads them. Default <c>permissions</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string PermissionsClaim { get; set; } = DefaultPermissionsClaim;

    internal bool ReachesKeysSafely => Keys is { IsAbsoluteUri: true } uri && (uri.IsFile || uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
