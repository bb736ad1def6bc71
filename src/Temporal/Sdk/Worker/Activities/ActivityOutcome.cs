using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Worker.Activities;

/// <summary>How one attempt of an activity ended.</summary>
internal abstract record ActivityOutcome
{
    /// <summary>It returned.</summary>
    public sealed record Completed(Payload Result) : ActivityOutcome;

    /// <summary>It failed, or was stopped for a reason that calls for another attempt.</summary>
    public sealed record Failed(Failure Failure) : ActivityOutcome;

    /// <summary>It stopped because its cancellation was asked for.</summary>
    public sealed record Canceled(Failure Failure) : ActivityOutcome;

    /// <summary>It will be completed from elsewhere.</summary>
    public sealed record CompletesAsync : ActivityOutcome;
}
