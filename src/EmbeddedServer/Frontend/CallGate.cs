using System.Threading.RateLimiting;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.EmbeddedServer.Access;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>What every call passes before it is answered: whether it comes too soon after others, and whether its caller may make it.</summary>
internal sealed class CallGate : IDisposable
{
    private const int PeriodsPerSecond = 20;

    private readonly TokenBucketRateLimiter rate;

    /// <param name="callsPerSecond">In the long run; for a moment twice as many.</param>
    public CallGate(int callsPerSecond) =>
        rate = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = callsPerSecond * 2,
            TokensPerPeriod = Math.Max(1, callsPerSecond / PeriodsPerSecond),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / Math.Min(PeriodsPerSecond, callsPerSecond)),
        });

    /// <exception cref="RefusalException">RESOURCE_EXHAUSTED, which clients retry; PERMISSION_DENIED.</exception>
    public async Task<IMessage> PassAsync(MethodDescriptor method, IMessage request, CallContext context, Func<IMessage, CallContext, Task<IMessage>> answer)
    {
        using (var token = rate.AttemptAcquire())
        {
            if (!token.IsAcquired)
            {
                throw new RefusalException(
                    RefusalKind.ResourceExhausted,
                    "service rate limit exceeded",
                    new ResourceExhaustedFailure { Cause = ResourceExhaustedCause.RpsLimit, Scope = ResourceExhaustedScope.System });
            }
        }

        return CallAccess.Allows(context.Grants, method, request)
            ? await answer(request, context).ConfigureAwait(false)
            : throw Refusals.PermissionDenied("Request unauthorized.");
    }

    public void Dispose() => rate.Dispose();
}
