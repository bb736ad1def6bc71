using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>
/// The calls that are under way, from their first byte until their answers are handed over, and the bytes of their messages: so many of each there is room for, and
/// whatever comes beyond that is refused. What a caller doesn't take of an answer is Kestrel's to keep, and not counted.
/// </summary>
internal sealed class CallLoad
{
    /// <summary>Smaller requests are no load, and among them are those that let go of one.</summary>
    private const int LeastBytes = 4 * 1024;

    private static readonly string Watch = $"/{Grpc.Health.V1.Health.Descriptor.FullName}/Watch";
    private static readonly string Check = $"/{Grpc.Health.V1.Health.Descriptor.FullName}/Check";

    private readonly int maximumCalls;
    private readonly long maximumBytes;
    private readonly int maximumWatchers;
    private int underWay;
    private int watching;
    private long held;

    /// <param name="watchers">How many of those who watch the server's health there is room for; whoever asks once is always told.</param>
    public CallLoad(int calls, long bytes, int watchers)
    {
        maximumCalls = calls;
        maximumBytes = bytes;
        maximumWatchers = watchers;
    }

    /// <summary>Bytes of the messages of all calls that are under way.</summary>
    public long Bytes => Interlocked.Read(ref held);

    /// <summary>Lets a request pass if there is room.</summary>
    /// <param name="refuse">Answers one for which there is none.</param>
    public async Task PassAsync(HttpContext http, RequestDelegate next, Func<HttpContext, RefusalException, Task> refuse)
    {
        var path = http.Request.Path;
        if (path.Equals(Check, StringComparison.Ordinal))
        {
            await next(http).ConfigureAwait(false);
        }
        else if (path.Equals(Watch, StringComparison.Ordinal))
        {
            await WatchAsync(http, next, refuse).ConfigureAwait(false);
        }
        else
        {
            await CallAsync(http, next, refuse).ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(HttpContext http, RequestDelegate next, Func<HttpContext, RefusalException, Task> refuse)
    {
        try
        {
            await (Interlocked.Increment(ref watching) > maximumWatchers ? refuse(http, TooManyCalls()) : next(http)).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref watching);
        }
    }

    private async Task CallAsync(HttpContext http, RequestDelegate next, Func<HttpContext, RefusalException, Task> refuse)
    {
        var share = new Share(this);
        http.Features.Set(share);
        try
        {
            await (Interlocked.Increment(ref underWay) > maximumCalls ? refuse(http, TooManyCalls()) : next(http)).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
            share.Hold(0);
        }
    }

    private static RefusalException TooManyCalls() => Exhausted("too many calls are waiting for their answers", ResourceExhaustedCause.ConcurrentLimit);

    private static RefusalException Exhausted(string message, ResourceExhaustedCause cause) =>
        new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure { Cause = cause, Scope = ResourceExhaustedScope.System });

    /// <summary>One call's part of the load.</summary>
    public sealed class Share(CallLoad load)
    {
        private long mine;

        /// <summary>Takes a request up.</summary>
        /// <exception cref="RefusalException">RESOURCE_EXHAUSTED: there is no room for its bytes.</exception>
        public void Take(IMessage request)
        {
            var size = request.CalculateSize();
            Hold(size);
            if (size > LeastBytes && load.Bytes > load.maximumBytes)
            {
                throw Exhausted("the messages of all calls that are under way take too much memory", ResourceExhaustedCause.SystemOverloaded);
            }
        }

        /// <summary>The answer is there, beside the request. What has been done is not refused any more.</summary>
        public void Answer(IMessage request, IMessage answer) => Hold((long)request.CalculateSize() + answer.CalculateSize());

        public void Hold(long now) => Interlocked.Add(ref load.held, now - Interlocked.Exchange(ref mine, now));
    }
}
