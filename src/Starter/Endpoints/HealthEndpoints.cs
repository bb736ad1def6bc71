using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Workflows.Readiness;

namespace Onramp.Starter.Endpoints;

/// <summary>Whether the process lives, and whether it can serve: only with a Temporal namespace that can take runs.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("").ExcludeFromDescription().AllowAnonymous().DisableRateLimiting();
        health.MapGet(ApiPaths.Live, () => TypedResults.Text("live"));
        health.MapGet(ApiPaths.Ready, ReadyAsync);
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadyAsync(NamespaceReadiness readiness, CancellationToken cancellationToken) =>
        await readiness.ProblemAsync(cancellationToken) is { } problem
            ? Problems.Unavailable(problem).ToResult()
            : TypedResults.Text("ready");
}
