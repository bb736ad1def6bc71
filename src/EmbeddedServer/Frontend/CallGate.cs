using System.Threading.RateLimiting;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.EmbeddedServer.Access;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>What every call passes before it is answered: whether there is room for it, and whether its caller may make it.</summary>
internal sealed class CallGate : IDisposable
{
    private const int PeriodsPerSecond = 20;

    private readonly TokenBucketRateLimiter rate;
    private readonly ConcurrencyLimiter inFlight;

    /// <param name="callsPerSecond">In the long run; for a moment twice as many.</param>
    public CallGate(int callsPerSecond, int callsInFlight)
    {
        rate = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = callsPerSecond * 2,
            TokensPerPeriod = Math.Max(1, callsPerSecond / PeriodsPerSecond),
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / Math.Min(PeriodsPerSecond, callsPerSecond)),
        });
        inFlight = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = callsInFlight });
    }

    /// <exception cref="RefusalException">RESOURCE_EXHAUSTED, which clients retry; PERMISSION_DENIED.</exception>
    public async Task<IMessage> PassAsync(MethodDescriptor method, IMessage request, CallContext context, Func<IMessage, CallContext, Task<IMessage>> answer)
    {
        using var permit = inFlight.AttemptAcquire();
        if (!permit.IsAcquired)
        {
            throw Exhausted("too many calls are waiting for their answers", ResourceExhaustedCause.ConcurrentLimit);
        }

        using (var token = rate.AttemptAcquire())
        {
            if (!token.IsAcquired)
            {
                throw Exhausted("service rate limit exceeded", ResourceExhaustedCause.RpsLimit);
            }
        }

        return CallAccess.Allows(context.Grants, method, request)
            ? await answer(request, context).ConfigureAwait(false)
            : throw Refusals.PermissionDenied("Request unauthorized.");
    }

    public void Dispose()
    {
        rate.Dispose();
        inFlight.Dispose();
    }

    private static RefusalException Exhausted(string message, ResourceExhaustedCause cause) =>
        new(RefusalKind.ResourceExhausted, message, new ResourceExhaustedFailure { Cause = cause, Scope = ResourceExhaustedScope.System });
}
