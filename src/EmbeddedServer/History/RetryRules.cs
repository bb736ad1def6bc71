using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>A delay that a failure asks for, beside the longest interval of the policy. One of nothing is, as the reference has it, no small one.</summary>
internal enum RequestedDelay
{
    /// <summary>For activities: it goes beyond the longest interval; none at all means that there is no time to try again.</summary>
    Prevails,

    /// <summary>For workflows: it is cut to the longest interval; none at all means that one.</summary>
    IsCapped,
}

/// <summary>Whether and when something that failed is tried again; the same for activities and for workflows.</summary>
internal static class RetryRules
{
    private const string TimeoutPrefix = "TemporalTimeout:";
    private static readonly TimeSpan DefaultInitialInterval = TimeSpan.FromSeconds(1);

    /// <summary>A copy with every unset field at its default.</summary>
    public static RetryPolicy WithDefaults(RetryPolicy? policy)
    {
        var filled = policy?.Clone() ?? new RetryPolicy();
        var initial = filled.InitialInterval.ToSpan();
        if (initial == TimeSpan.Zero)
        {
            initial = DefaultInitialInterval;
            filled.InitialInterval = initial.ToProto();
        }

        if (filled.BackoffCoefficient == 0)
        {
            filled.BackoffCoefficient = 2;
        }

        if (filled.MaximumInterval.ToSpan() == TimeSpan.Zero)
        {
            filled.MaximumInterval = Multiply(initial, 100).ToProto();
        }

        return filled;
    }

    /// <summary>What is wrong with a policy whose defaults are filled in, or null.</summary>
    public static string? Validate(RetryPolicy policy)
    {
        if (policy.MaximumAttempts == 1)
        {
            return null;
        }

        if (policy.InitialInterval.Fault() is { } initialFault)
        {
            return $"invalid InitialInterval set on retry policy: {initialFault}";
        }

        if (policy.BackoffCoefficient < 1)
        {
            return "BackoffCoefficient cannot be less than 1 on retry policy.";
        }

        if (policy.MaximumInterval.Fault() is { } maximumFault)
        {
            return $"invalid MaximumInterval set on retry policy: {maximumFault}";
        }

        if (policy.MaximumInterval.ToSpan() > TimeSpan.Zero && policy.MaximumInterval.ToSpan() < policy.InitialInterval.ToSpan())
        {
            return "MaximumInterval cannot be less than InitialInterval on retry policy.";
        }

        if (policy.MaximumAttempts < 0)
        {
            return "MaximumAttempts cannot be negative on retry policy.";
        }

        foreach (var type in policy.NonRetryableErrorTypes)
        {
            if (type.StartsWith(TimeoutPrefix, StringComparison.Ordinal)
                && type[TimeoutPrefix.Length..] is not ("StartToClose" or "ScheduleToStart" or "ScheduleToClose" or "Heartbeat"))
            {
                return $"Invalid timeout type value: {type[TimeoutPrefix.Length..]}.";
            }
        }

        return null;
    }

    public static bool IsRetryable(Failure? failure, RetryPolicy policy)
    {
        switch (failure?.FailureInfoCase)
        {
            case Failure.FailureInfoOneofCase.CanceledFailureInfo:
            case Failure.FailureInfoOneofCase.TerminatedFailureInfo:
                return false;
            case Failure.FailureInfoOneofCase.TimeoutFailureInfo:
                var timeout = failure.TimeoutFailureInfo.TimeoutType;
                return timeout is TimeoutType.StartToClose or TimeoutType.Heartbeat && !policy.NonRetryableErrorTypes.Contains(TimeoutPrefix + timeout);
            case Failure.FailureInfoOneofCase.ServerFailureInfo:
                return !failure.ServerFailureInfo.NonRetryable;
            case Failure.FailureInfoOneofCase.ApplicationFailureInfo:
                var application = failure.ApplicationFailureInfo;
                return !application.NonRetryable && !policy.NonRetryableErrorTypes.Contains(application.Type);
            default:
                return true;
        }
    }

    /// <param name="interval">How long to wait before the next attempt; only with <see cref="RetryState.InProgress"/>.</param>
    /// <param name="requestedDelay">What counts for more, a delay that the failure asks for or the policy's longest interval.</param>
    public static RetryState Evaluate(
        RetryPolicy? policy, Failure? failure, int attempt, DateTimeOffset now, DateTimeOffset? expiration, RequestedDelay requestedDelay, out TimeSpan interval)
    {
        interval = TimeSpan.Zero;
        if (policy is null)
        {
            return RetryState.RetryPolicyNotSet;
        }

        if (!IsRetryable(failure, policy))
        {
            return RetryState.NonRetryableFailure;
        }

        if (policy.MaximumAttempts > 0 && attempt >= policy.MaximumAttempts)
        {
            return RetryState.MaximumAttemptsReached;
        }

        var longest = policy.MaximumInterval.ToSpan();
        interval = Exponential(policy, attempt);
        if (failure?.ApplicationFailureInfo?.NextRetryDelay is { } requested)
        {
            interval = requested.ToSpan();
            longest = requestedDelay == RequestedDelay.Prevails ? interval : longest;
        }

        if (longest == TimeSpan.Zero && interval <= TimeSpan.Zero)
        {
            return RetryState.Timeout;
        }

        interval = Cap(interval, longest);
        return expiration is { } end && now.Plus(interval) > end ? RetryState.Timeout : RetryState.InProgress;
    }

    /// <summary>Nothing for a policy that says nothing.</summary>
    public static TimeSpan Interval(RetryPolicy policy, int attempt) => Cap(Exponential(policy, attempt), policy.MaximumInterval.ToSpan());

    private static TimeSpan Exponential(RetryPolicy policy, int attempt) =>
        Multiply(policy.InitialInterval.ToSpan(), Math.Pow(policy.BackoffCoefficient, attempt - 1));

    private static TimeSpan Cap(TimeSpan interval, TimeSpan longest) =>
        longest != TimeSpan.Zero && (interval <= TimeSpan.Zero || interval > longest) ? longest : interval;

    private static TimeSpan Multiply(TimeSpan span, double factor)
    {
        var ticks = span.Ticks * factor;
        return ticks >= TimeSpan.MaxValue.Ticks / 2 ? TimeSpan.MaxValue / 2 : new TimeSpan((long)ticks);
    }
}
