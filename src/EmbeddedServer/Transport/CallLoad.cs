using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>
/// The calls that are under way, from their first byte to the last one of their answers, and the bytes of their messages: so many of each there is room for, and
/// whatever comes beyond that is refused. An answer that its caller takes too slowly is cut off.
/// </summary>
internal sealed class CallLoad : IDisposable
{
    /// <summary>So much of an answer has to be taken in a second.</summary>
    public const int LeastBytesPerSecond = 32 * 1024;

    /// <summary>Smaller requests are no load, and among them are those that let go of one.</summary>
    private const int LeastBytes = 4 * 1024;

    private static readonly string Watch = $"/{Grpc.Health.V1.Health.Descriptor.FullName}/Watch";
    private static readonly string Check = $"/{Grpc.Health.V1.Health.Descriptor.FullName}/Check";

    private readonly ConcurrentDictionary<Share, long> answered = new();
    private readonly int maximumCalls;
    private readonly long maximumBytes;
    private readonly int maximumWatchers;
    private readonly TimeSpan grace;
    private readonly TimeProvider wallClock;
    private readonly ITimer timer;
    private int underWay;
    private int watching;
    private long held;

    /// <param name="watchers">How many of those who watch the server's health there is room for; whoever asks once is always told.</param>
    /// <param name="grace">How long a caller may take for an answer besides the time that its size gives him.</param>
    public CallLoad(int calls, long bytes, int watchers, TimeSpan grace, TimeProvider wallClock)
    {
        maximumCalls = calls;
        maximumBytes = bytes;
        maximumWatchers = watchers;
        this.grace = grace;
        this.wallClock = wallClock;
        timer = wallClock.CreateTimer(_ => CutOff(), state: null, grace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes of the messages of all calls that are under way.</summary>
    public long Bytes => Interlocked.Read(ref held);

    public void Dispose() => timer.Dispose();

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
        var share = new Share(this, http);
        http.Features.Set(share);
        try
        {
            await (Interlocked.Increment(ref underWay) > maximumCalls ? refuse(http, TooManyCalls()) : next(http)).ConfigureAwait(false);

            // Until here the answer is only handed over; with a caller who doesn't take it, it stays in memory.
            await http.Response.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
            answered.TryRemove(share, out _);
            share.Hold(0);
        }
    }

    private void CutOff()
    {
        foreach (var (share, since) in answered)
        {
            if (wallClock.GetElapsedTime(since) > grace + TimeSpan.FromSeconds((double)share.Bytes / LeastBytesPerSecond))
            {
                share.CutOff();
            }
        }

        timer.Change(grace, Timeout.InfiniteTimeSpan);
    }

    private static RefusalException TooManyCalls() => Exhausted("too many calls are waiting for their answers", ResourceExhaustedCause.ConcurrentLimit);

    private static RefusalException Exhausted(string message, ResourceExhaustedCause cause) =>
        new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure { Cause = cause, Scope = ResourceExhaustedScope.System });

    /// <summary>One call's part of the load.</summary>
    public sealed class Share(CallLoad load, HttpContext http)
    {
        private long mine;

        public long Bytes => Interlocked.Read(ref mine);

        /// <summary>Takes a request up.</summary>
        /// <exception cref="RefusalException">RESOURCE_EXHAUSTED: there is no room for its bytes.</exception>
        public void Take(IMessage request)
        {
            var size = request.CalculateSize();
            load.answered.TryRemove(this, out _);
            Hold(size);
            if (size > LeastBytes && load.Bytes > load.maximumBytes)
            {
                throw Exhausted("the messages of all calls that are under way take too much memory", ResourceExhaustedCause.SystemOverloaded);
            }
        }

        /// <summary>The answer is there, beside the request. What has been done is not refused any more.</summary>
        public void Answer(IMessage request, IMessage answer)
        {
            Hold((long)request.CalculateSize() + answer.CalculateSize());
            load.answered[this] = load.wallClock.GetTimestamp();
        }

        public void CutOff() => http.Abort();

        public void Hold(long now) => Interlocked.Add(ref load.held, now - Interlocked.Exchange(ref mine, now));
    }
}
