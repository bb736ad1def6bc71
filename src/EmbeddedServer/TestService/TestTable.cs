using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Transport;
using Temporalio.Api.TestService.V1;

namespace Onramp.EmbeddedServer.TestService;

/// <summary>The test service among the server's calls.</summary>
internal static class TestTable
{
    public static void AddTo(CallTable table, TestCalls calls)
    {
        var service = ServiceReflection.Descriptor.Services.Single();
        table
            .Map<LockTimeSkippingRequest, LockTimeSkippingResponse>(service, "LockTimeSkipping", calls.LockAsync)
            .Map<UnlockTimeSkippingRequest, UnlockTimeSkippingResponse>(service, "UnlockTimeSkipping", calls.UnlockAsync)
            .Map<SleepRequest, SleepResponse>(service, "Sleep", calls.SleepAsync)
            .Map<SleepUntilRequest, SleepResponse>(service, "SleepUntil", calls.SleepUntilAsync)
            .Map<SleepRequest, SleepResponse>(service, "UnlockTimeSkippingWithSleep", calls.UnlockWithSleepAsync)
            .Map<Empty, GetCurrentTimeResponse>(service, "GetCurrentTime", calls.GetCurrentTimeAsync);
    }
}
