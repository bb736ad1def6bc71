using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Onramp.Starter.Http;

namespace Onramp.Starter.Security;

/// <summary>Asks for a bearer token on everything but health and the API's description, when tokens are configured.</summary>
internal sealed class Authentication(RequestDelegate next, StarterOptions options)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (options.Tokens.Count == 0 || IsOpen(context.Request.Path))
            return next(context);
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? ApiToken.Find(options.Tokens, header[Scheme.Length..].Trim())
            : null;
        if (token is null)
        {
            context.Response.Headers[HeaderNames.WWWAuthenticate] = header.Length == 0 ? "Bearer" : "Bearer error=\"invalid_token\"";
            throw new ProblemException(Problems.Unauthorized(header.Length == 0));
        }
        new Caller(token.Caller, token.Groups, IsAuthenticated: true).AttachTo(context);
        return next(context);
    }

    private static bool IsOpen(PathString path) => path.StartsWithSegments("/healthz") || path.StartsWithSegments("/openapi");
}
