using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Temporalio.Client;

namespace Onramp.Starter.Endpoints;

/// <summary>Whether the process lives, and whether it can serve: only with a Temporal server that answers.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiPaths.Live, () => TypedResults.Text("live")).ExcludeFromDescription();
        routes.MapGet(ApiPaths.Ready, ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(HttpContext context, ITemporalClient client)
    {
        try
        {
            var healthy = await client.Connection.CheckHealthAsync(options: new RpcOptions
            {
                Timeout = CheckTimeout,
                Retry = false,
                CancellationToken = context.RequestAborted,
            });
            if (healthy)
                return TypedResults.Text("ready");
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Whatever kept the server from answering, the answer is the same: not ready.
        }
        throw new ProblemException(Problems.Unavailable("The Temporal server does not answer."));
    }
}
