using Microsoft.AspNetCore.Http;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Tells a call whose answer nobody got.</summary>
internal static class Delivery
{
    /// <summary>Looks, once the answer is written as far as it could be, whether somebody was still there to get it in time.</summary>
    public static void Watch(HttpContext http) => http.Response.OnCompleted(ReportUndelivered, http);

    private static Task ReportUndelivered(object state)
    {
        var http = (HttpContext)state;
        if (http.Features.Get<CallContext>() is { } call && (call.CancellationToken.IsCancellationRequested || http.RequestAborted.IsCancellationRequested))
        {
            call.ReportUndelivered();
        }

        return Task.CompletedTask;
    }
}
