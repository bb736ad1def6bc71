using Google.Protobuf.WellKnownTypes;

namespace Temporalio.Common;

/// <summary>When and how often a failed workflow or activity is tried again.</summary>
public record RetryPolicy
{
    /// <summary>Wait before the first retry. Default: one second.</summary>
    public TimeSpan InitialInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Factor from one wait to the next, at least 1. Default: 2.</summary>
    public float BackoffCoefficient { get; set; } = 2.0f;

    /// <summary>Longest wait. Default: null, which is a hundred times <see cref="InitialInterval"/>.</summary>
    public TimeSpan? MaximumInterval { get; set; }

    /// <summary>Attempts including the first. Default: 0, which is no limit; 1 rules out any retry.</summary>
    public int MaximumAttempts { get; set; }

    /// <summary>Error types that are not retried. Default: none.</summary>
    public IReadOnlyCollection<string>? NonRetryableErrorTypes { get; set; }

    internal static RetryPolicy FromProto(Api.Common.V1.RetryPolicy proto) => new()
    {
        InitialInterval = proto.InitialInterval?.ToTimeSpan() ?? TimeSpan.FromSeconds(1),
        BackoffCoefficient = (float)proto.BackoffCoefficient,
        MaximumInterval = proto.MaximumInterval?.ToTimeSpan(),
        MaximumAttempts = proto.MaximumAttempts,
        NonRetryableErrorTypes = proto.NonRetryableErrorTypes.Count == 0 ? null : [.. proto.NonRetryableErrorTypes],
    };

    internal Api.Common.V1.RetryPolicy ToProto()
    {
        var proto = new Api.Common.V1.RetryPolicy
        {
            InitialInterval = Duration.FromTimeSpan(InitialInterval),
            BackoffCoefficient = BackoffCoefficient,
            MaximumInterval = MaximumInterval is { } maximum ? Duration.FromTimeSpan(maximum) : null,
            MaximumAttempts = MaximumAttempts,
        };
        if (NonRetryableErrorTypes is { } types)
        {
            proto.NonRetryableErrorTypes.AddRange(types);
        }

        return proto;
    }
}
