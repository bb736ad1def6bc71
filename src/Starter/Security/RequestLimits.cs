using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Onramp.Starter.Http;

namespace Onramp.Starter.Security;

/// <summary>
/// Token buckets, one a caller (or address, when nobody is known), so that one busy client does not starve the others; and a
/// bound on event streams, since each holds a connection and a long poll for as long as it is open.
/// </summary>
internal static class RequestLimits
{
    /// <summary>Policy of endpoints that stay open.</summary>
    public const string Streams = "event-streams";

    /// <summary>When to come back for a stream: nobody knows when one ends, but it is not at once.</summary>
    private static readonly TimeSpan StreamWait = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddRequestLimits(this IServiceCollection services, StarterOptions options) => services.AddRateLimiter(limits =>
    {
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
            context => RateLimitPartition.GetTokenBucketLimiter(KeyOf(context), _ => Bucket(options)));
        limits.AddConcurrencyLimiter(Streams, streams =>
        {
            streams.PermitLimit = options.MaxEventStreams;
            streams.QueueLimit = 0;
        });
        limits.OnRejected = RefuseAsync;
    });

    private static TokenBucketRateLimiterOptions Bucket(StarterOptions options) => new()
    {
        TokenLimit = options.RequestsPerMinute,
        TokensPerPeriod = Math.Max(1, options.RequestsPerMinute / 60),
        ReplenishmentPeriod = TimeSpan.FromSeconds(options.RequestsPerMinute >= 60 ? 1 : 60d / options.RequestsPerMinute),
        AutoReplenishment = true,
    };

    /// <summary>A bucket tells when it fills again; what doesn't is the bound on streams.</summary>
    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var isBucket = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        var seconds = Math.Max(1, (int)Math.Ceiling((isBucket ? wait : StreamWait).TotalSeconds));
        rejected.HttpContext.Response.Headers[HeaderNames.RetryAfter] = seconds.ToString(CultureInfo.InvariantCulture);
        await ProblemWriter.WriteAsync(rejected.HttpContext, isBucket ? Problems.TooManyRequests(seconds) : Problems.TooManyStreams());
    }

    private static string KeyOf(HttpContext context)
    {
        var caller = Caller.Of(context);
        return caller.IsAuthenticated ? $"caller:{caller.Name}" : $"address:{context.Connection.RemoteIpAddress}";
    }
}
