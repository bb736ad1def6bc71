using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Onramp.Starter.Events;
using Onramp.Starter.Services;
using Onramp.Starter.Services.Preview;

namespace Onramp.Starter.Endpoints;

/// <summary>A run as server-sent events.</summary>
internal static class EventsEndpoint
{
    private static readonly byte[] KeepAlive = ": still here\n\n"u8.ToArray();

    public static async Task<ServerSentEventsResult<object>> StreamAsync(
        string id, LastEventId seen, HttpContext context, ServiceReader reader, EventStream stream, IHostApplicationLifetime lifetime)
    {
        var first = await reader.GetAsync(id, runId: null, context.RequestAborted);
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(ItemsAsync(stream.FollowAsync(id, first, seen.Cursor), context.Response, lifetime.ApplicationStopping, context.RequestAborted));
    }

    /// <summary>A change as server-sent events.</summary>
    public static async Task<ServerSentEventsResult<object>> StreamChangeAsync(
        string service, string changeId, LastChangeEvent seen, HttpContext context, PreviewReader reader, ChangeStream stream, IHostApplicationLifetime lifetime)
    {
        PreviewBodies.CheckService(service);
        PreviewBodies.CheckChange(changeId);
        var first = await reader.GetChangeAsync(service, changeId, context.RequestAborted);
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(
            ItemsAsync(stream.FollowAsync(service, changeId, first, seen.Number), context.Response, lifetime.ApplicationStopping, context.RequestAborted));
    }

    /// <summary>
    /// Ends, too, when the process is asked to stop: the listener comes back with the last id it saw, to this starter or another.
    /// Between two events the response is nobody else's, so that is where silence is filled with a comment.
    /// </summary>
    private static async IAsyncEnumerable<SseItem<object>> ItemsAsync(
        IAsyncEnumerable<ServiceEvent?> events, HttpResponse response, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        // A listener that is up to date hears nothing for a while, and should know meanwhile that it is heard.
        await response.Body.FlushAsync(aborted);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        await using var following = events.GetAsyncEnumerator(either.Token);
        while (await TryMoveAsync(following, stopping))
        {
            if (following.Current is { } happened)
                yield return new SseItem<object>(happened.Data, happened.Name) { EventId = happened.Id };
            else
                await WriteKeepAliveAsync(response, aborted);
        }
    }

    private static async Task<bool> TryMoveAsync(IAsyncEnumerator<ServiceEvent?> events, CancellationToken stopping)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task WriteKeepAliveAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(KeepAlive, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
