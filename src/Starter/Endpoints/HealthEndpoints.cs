using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Workflows.Readiness;

namespace Onramp.Starter.Endpoints;

/// <summary>Whether the process lives, and whether it can serve: only with a Temporal namespace that can take runs.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiPaths.Live, () => TypedResults.Text("live")).ExcludeFromDescription();
        routes.MapGet(ApiPaths.Ready, async (HttpContext context, NamespaceReadiness readiness) =>
            await readiness.ProblemAsync(context.RequestAborted) is { } problem
                ? throw new ProblemException(Problems.Unavailable(problem))
                : TypedResults.Text("ready")).ExcludeFromDescription();
    }
}
