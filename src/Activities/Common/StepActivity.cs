using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Activities;

namespace Onramp.Activities.Common;

/// <summary>What every activity begins with.</summary>
internal static class StepActivity
{
    /// <summary>Makes every call from here on carry the step's key, and returns the token that ends them.</summary>
    public static CancellationToken Begin(StepKey key)
    {
        Correlation.Begin(key);
        return Token;
    }

    /// <summary>Which attempt at the activity this is, from 1.</summary>
    public static int Attempt => ActivityExecutionContext.HasCurrent ? ActivityExecutionContext.Current.Info.Attempt : 1;

    /// <summary>How long the current activity has been tried, all its attempts together; none outside an activity.</summary>
    public static TimeSpan Age(TimeProvider time) =>
        ActivityExecutionContext.HasCurrent ? time.GetUtcNow() - ActivityExecutionContext.Current.Info.ScheduledTime : TimeSpan.Zero;

    /// <summary>As <see cref="Begin(StepKey)"/>, for an operation of a change.</summary>
    public static CancellationToken Begin(OperationKey operation) =>
        Begin(new StepKey { WorkflowId = Ids.Change(operation.Service, operation.ChangeId), Step = operation.Action });

    private static CancellationToken Token => ActivityExecutionContext.HasCurrent ? ActivityExecutionContext.Current.CancellationToken : CancellationToken.None;
}
