using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Onramp.Starter.Security;

/// <summary>
/// Who calls, taken from the request's principal; a handler that names it as a parameter is given it. Without tokens nobody is
/// known: then callers on the loopback address say themselves who they are.
/// </summary>
public sealed record Caller(string Name, IReadOnlyList<string> Groups, bool IsAuthenticated)
{
    public const string AnyGroup = "*";

    /// <summary>Who it is when tokens are off and the request does not say.</summary>
    public const string LocalName = "local";

    private const string NameClaim = "name";
    private const string GroupClaim = "group";

    public static readonly Caller Local = new(LocalName, [AnyGroup], IsAuthenticated: false);

    /// <summary>The caller of this request; <see cref="Local"/> before authentication and where tokens are off.</summary>
    public static Caller Of(HttpContext context) =>
        context.User.Identity is ClaimsIdentity { AuthenticationType: TokenAuthentication.Scheme, Name: { } name } identity
            ? new Caller(name, [.. identity.FindAll(GroupClaim).Select(claim => claim.Value)], IsAuthenticated: true)
            : Local;

    /// <summary>Binds a handler's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(Of(context));

    internal ClaimsPrincipal ToPrincipal(string scheme) =>
        new(new ClaimsIdentity([new Claim(NameClaim, Name), .. Groups.Select(group => new Claim(GroupClaim, group))], scheme, NameClaim, GroupClaim));
}
