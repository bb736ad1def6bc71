using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Onramp.Starter.Events;
using Onramp.Starter.Http;
using Onramp.Starter.Services;

namespace Onramp.Starter.Endpoints;

/// <summary>Counts open streams; each holds a connection and a long poll.</summary>
internal sealed class StreamSlots(StarterOptions options)
{
    private int open;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref open) <= options.MaxEventStreams)
            return true;
        Interlocked.Decrement(ref open);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref open);
}

/// <summary>A run as server-sent events.</summary>
internal static class EventsEndpoint
{
    private const string LastEventId = "Last-Event-ID";

    public static async Task StreamAsync(
        HttpContext context, string id, ServiceReader reader, EventStream stream, StreamSlots slots, IHostApplicationLifetime lifetime)
    {
        if (!slots.TryTake())
            throw new ProblemException(Problems.TooManyRequests("Too many event streams are open; try again later."));
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            var first = await reader.GetAsync(id, runId: null, stop.Token);
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(stop.Token);
            var seen = EventCursor.TryParse(context.Request.Headers[LastEventId].ToString());
            await foreach (var happened in stream.FollowAsync(id, first, seen, stop.Token))
                await WriteAsync(context.Response, happened, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The listener comes back with the last id it saw, to this starter or another.
        }
        finally
        {
            slots.Release();
        }
    }

    private static Task WriteAsync(HttpResponse response, ServiceEvent? happened, CancellationToken cancellationToken)
    {
        var text = happened is null
            ? ": still here\n\n"
            : $"id: {happened.Id}\nevent: {happened.Name}\ndata: {JsonSerializer.Serialize(happened.Data, happened.Data.GetType(), ApiJson.Options)}\n\n";
        return response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask();
    }
}
