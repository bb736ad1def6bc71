using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Defaults of retry policies, and what they must keep to.</summary>
public static class RetryPolicyRules
{
    private const string TimeoutPrefix = "TemporalTimeout:";
    private const double DefaultBackoffCoefficient = 2;
    private const int MaximumIntervalFactor = 100;
    private static readonly TimeSpan DefaultInitialInterval = TimeSpan.FromSeconds(1);

    /// <summary>By their short names and by those of the enum.</summary>
    private static readonly HashSet<string> TimeoutKinds = new(StringComparer.Ordinal)
    {
        "StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat",
        "TIMEOUT_TYPE_START_TO_CLOSE", "TIMEOUT_TYPE_SCHEDULE_TO_START", "TIMEOUT_TYPE_SCHEDULE_TO_CLOSE", "TIMEOUT_TYPE_HEARTBEAT",
    };

    /// <summary>Fills in what is not set, then checks.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT, naming the field and the rule.</exception>
    public static void Normalize(RetryPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        if (Durations.IsZero(policy.InitialInterval))
        {
            policy.InitialInterval = Duration.FromTimeSpan(DefaultInitialInterval);
        }

        if (policy.BackoffCoefficient == 0)
        {
            policy.BackoffCoefficient = DefaultBackoffCoefficient;
        }

        if (Durations.IsZero(policy.MaximumInterval))
        {
            policy.MaximumInterval = Times(policy.InitialInterval, MaximumIntervalFactor);
        }

        Check(policy);
    }

    private static void Check(RetryPolicy policy)
    {
        // With one attempt nothing is ever retried, so the rest does not matter.
        if (policy.MaximumAttempts == 1)
        {
            return;
        }

        if (Durations.Fault(policy.InitialInterval) is { } initialFault)
        {
            throw Refusals.InvalidArgument($"invalid InitialInterval set on retry policy: {initialFault}");
        }

        if (policy.BackoffCoefficient < 1)
        {
            throw Refusals.InvalidArgument("BackoffCoefficient cannot be less than 1 on retry policy.");
        }

        if (Durations.Fault(policy.MaximumInterval) is { } maximumFault)
        {
            throw Refusals.InvalidArgument($"invalid MaximumInterval set on retry policy: {maximumFault}");
        }

        if (Durations.ToSpan(policy.MaximumInterval) < Durations.ToSpan(policy.InitialInterval))
        {
            throw Refusals.InvalidArgument("MaximumInterval cannot be less than InitialInterval on retry policy.");
        }

        if (policy.MaximumAttempts < 0)
        {
            throw Refusals.InvalidArgument("MaximumAttempts cannot be negative on retry policy.");
        }

        foreach (var type in policy.NonRetryableErrorTypes)
        {
            if (type.StartsWith(TimeoutPrefix, StringComparison.Ordinal) && !TimeoutKinds.Contains(type[TimeoutPrefix.Length..]))
            {
                throw Refusals.InvalidArgument($"Invalid timeout type value: {type[TimeoutPrefix.Length..]}.");
            }
        }
    }

    private static Duration Times(Duration duration, int factor)
    {
        var nanos = (long)duration.Nanos * factor;
        return new Duration { Seconds = (duration.Seconds * factor) + (nanos / 1_000_000_000), Nanos = (int)(nanos % 1_000_000_000) };
    }
}
