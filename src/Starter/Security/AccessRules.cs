using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Onramp.Starter.Security;

/// <summary>Who is let in: only callers that are known, on every path, unless an endpoint says that it is open.</summary>
internal static class AccessRules
{
    public static IServiceCollection AddAccessRules(this IServiceCollection services, StarterOptions options)
    {
        var authentication = options.Tokens.Count > 0 ? services.AddAuthentication(TokenAuthentication.Scheme) : services.AddAuthentication(LoopbackAuthentication.Scheme);
        authentication.AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.Scheme, configureOptions: null);
        authentication.AddScheme<AuthenticationSchemeOptions, LoopbackAuthentication>(LoopbackAuthentication.Scheme, configureOptions: null);
        var known = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
        return services.AddAuthorization(rules =>
        {
            rules.DefaultPolicy = known;
            // Holds for paths that nothing is mapped to as well: strangers don't learn which those are.
            rules.FallbackPolicy = known;
        });
    }
}
