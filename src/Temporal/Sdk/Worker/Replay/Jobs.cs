using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>Something that happened to a workflow since its code last ran.</summary>
internal abstract record Job
{
    /// <summary>Gets the place among the jobs of one activation; jobs of the same place stay in history order.</summary>
    public abstract JobOrder Order { get; }
}

/// <summary>The order in which jobs of one activation are applied.</summary>
internal enum JobOrder
{
    Initialize,
    NotifyHasPatch,
    UpdateRandomSeed,
    Signal,
    Other,
    Query,
}

/// <summary>The run starts.</summary>
internal sealed record InitializeJob(WorkflowExecutionStartedEventAttributes Started, DateTime StartedAt) : Job
{
    public override JobOrder Order => JobOrder.Initialize;
}

/// <summary>History says that the code took a patch in the activation that is replayed next.</summary>
internal sealed record NotifyHasPatchJob(string PatchId) : Job
{
    public override JobOrder Order => JobOrder.NotifyHasPatch;
}

/// <summary>The run was reset; its random numbers start anew.</summary>
internal sealed record UpdateRandomSeedJob(ulong Seed) : Job
{
    public override JobOrder Order => JobOrder.UpdateRandomSeed;
}

/// <summary>A signal came.</summary>
internal sealed record SignalJob(string SignalName, Payloads? Input, Header? Header) : Job
{
    public override JobOrder Order => JobOrder.Signal;
}

/// <summary>Somebody asked the workflow to cancel.</summary>
internal sealed record CancelWorkflowJob(string Reason) : Job
{
    public override JobOrder Order => JobOrder.Other;
}

/// <summary>A timer fired.</summary>
internal sealed record FireTimerJob(long Sequence) : Job
{
    public override JobOrder Order => JobOrder.Other;
}

/// <summary>An activity ended; with a failure, or with a result that may be null.</summary>
internal sealed record ResolveActivityJob(
    ScheduleActivityTaskCommandAttributes Activity, long Sequence, Payload? Result, Failure? Failure) : Job
{
    public override JobOrder Order => JobOrder.Other;
}

/// <summary>Somebody asks something.</summary>
internal sealed record QueryJob(string QueryId, string QueryType, Payloads? Arguments, Header? Header) : Job
{
    public override JobOrder Order => JobOrder.Query;
}
