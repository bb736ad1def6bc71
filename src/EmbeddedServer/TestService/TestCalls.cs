using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Api.TestService.V1;

namespace Onramp.EmbeddedServer.TestService;

/// <summary>The calls with which the test environments of official SDKs steer the server's time.</summary>
/// <param name="stopping">Fires when the server stops: whoever sleeps is told so.</param>
internal sealed class TestCalls(TimeLock timeLock, TimeProvider time, CancellationToken stopping)
{
    public Task<LockTimeSkippingResponse> LockAsync(LockTimeSkippingRequest request, CallContext context)
    {
        timeLock.Hold();
        return Task.FromResult(new LockTimeSkippingResponse());
    }

    public Task<UnlockTimeSkippingResponse> UnlockAsync(UnlockTimeSkippingRequest request, CallContext context)
    {
        timeLock.LetGo();
        return Task.FromResult(new UnlockTimeSkippingResponse());
    }

    public Task<SleepResponse> SleepAsync(SleepRequest request, CallContext context) =>
        SleepAsync(After(request.Duration), letsGo: false, context);

    public Task<SleepResponse> SleepUntilAsync(SleepUntilRequest request, CallContext context) =>
        SleepAsync(At(request.Timestamp), letsGo: false, context);

    public Task<SleepResponse> UnlockWithSleepAsync(SleepRequest request, CallContext context) =>
        SleepAsync(After(request.Duration), letsGo: true, context);

    public Task<GetCurrentTimeResponse> GetCurrentTimeAsync(Empty request, CallContext context) =>
        Task.FromResult(new GetCurrentTimeResponse { Time = time.GetUtcNow().ToTimestamp() });

    private async Task<SleepResponse> SleepAsync(DateTimeOffset until, bool letsGo, CallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        await timeLock.SleepUntilAsync(until, letsGo, either.Token).ConfigureAwait(false);
        return new SleepResponse();
    }

    private DateTimeOffset After(Duration? duration)
    {
        try
        {
            return time.GetUtcNow() + (duration ?? new Duration()).ToTimeSpan();
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentOutOfRangeException or OverflowException)
        {
            throw Refusals.InvalidArgument("Duration is out of range.");
        }
    }

    private static DateTimeOffset At(Timestamp? timestamp)
    {
        try
        {
            return (timestamp ?? throw Refusals.InvalidArgument("Timestamp is not set on request.")).ToDateTimeOffset();
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw Refusals.InvalidArgument("Timestamp is out of range.");
        }
    }
}
