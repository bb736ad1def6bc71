using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Services;

/// <summary>What the starter notes on a run (memo).</summary>
public static class ServiceMemo
{
    /// <summary>Digest of the request in normal form.</summary>
    public const string RequestDigest = "requestDigest";

    public const string RequestId = "requestId";

    /// <summary>Correlation id of the call that started the run; the worker logs it with every line.</summary>
    public const string CorrelationId = OnboardingContract.CorrelationId;
}
