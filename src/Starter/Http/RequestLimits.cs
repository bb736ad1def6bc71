using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Onramp.Starter.Security;

namespace Onramp.Starter.Http;

/// <summary>Token buckets, one a caller (or address, when nobody is known), so that one busy client does not starve the others.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly RequestDelegate next;
    private readonly PartitionedRateLimiter<HttpContext> limiter;

    public RequestLimits(RequestDelegate next, StarterOptions options)
    {
        this.next = next;
        limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(KeyOf(context), _ =>
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.RequestsPerMinute,
                TokensPerPeriod = Math.Max(1, options.RequestsPerMinute / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(options.RequestsPerMinute >= 60 ? 1 : 60d / options.RequestsPerMinute),
                AutoReplenishment = true,
            }));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/healthz"))
        {
            await next(context);
            return;
        }
        using var lease = limiter.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
            context.Response.Headers[HeaderNames.RetryAfter] = wait.ToString(CultureInfo.InvariantCulture);
            throw new ProblemException(Problems.TooManyRequests($"Too many requests; try again in {wait} s."));
        }
        await next(context);
    }

    public void Dispose() => limiter.Dispose();

    private static string KeyOf(HttpContext context)
    {
        var caller = Caller.Of(context);
        return caller.IsAuthenticated ? $"caller:{caller.Name}" : $"address:{context.Connection.RemoteIpAddress}";
    }
}
