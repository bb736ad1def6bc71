using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Update.V1;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>How far an update has come, and what came of it once it is completed.</summary>
internal sealed record UpdateProgress(UpdateWorkflowExecutionLifecycleStage Stage, Outcome? Outcome = null)
{
    public static readonly UpdateProgress Admitted = new(UpdateWorkflowExecutionLifecycleStage.Admitted);

    public static readonly UpdateProgress Accepted = new(UpdateWorkflowExecutionLifecycleStage.Accepted);

    public static UpdateProgress Completed(Outcome outcome) => new(UpdateWorkflowExecutionLifecycleStage.Completed, outcome);
}

/// <summary>The run closed before it looked at the update.</summary>
/// <param name="continues">Whether the chain goes on, so that the update can be tried on its next run.</param>
internal sealed class UpdateUnseenException(bool continues) : Exception("workflow update was aborted by closing workflow")
{
    public bool Continues { get; } = continues;

    /// <summary>What the caller is told: to ask again, if that comes to anything.</summary>
    public RefusalException ToRefusal() => Continues ? Errors.Closing() : Errors.NotFound(Message);
}

/// <summary>
/// An update that somebody waits for. Until it is accepted it lives in memory only: its caller has been told nothing, and asks again after
/// a restart.
/// </summary>
internal sealed class PendingUpdate
{
    private readonly TaskCompletionSource<UpdateProgress> accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<UpdateProgress> completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PendingUpdate(string id, Request? request, UpdateStatus status)
    {
        Id = id;
        Request = request;
        Status = status;

        // Nobody may be waiting any more when it ends badly.
        _ = accepted.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        _ = completed.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        if (status == UpdateStatus.Accepted)
        {
            accepted.SetResult(UpdateProgress.Accepted);
        }
    }

    /// <summary>One that is over: whatever is waited for, the outcome is there.</summary>
    public static PendingUpdate Settled(string id, Outcome outcome)
    {
        var update = new PendingUpdate(id, null, UpdateStatus.Over);
        update.Tell(outcome);
        return update;
    }

    public string Id { get; }

    /// <summary>What was asked; null when only the outcome of an accepted one is waited for.</summary>
    public Request? Request { get; private set; }

    public UpdateStatus Status { get; private set; }

    /// <summary>Whether its run closed before it looked at it: who asks is told so.</summary>
    public bool IsAborted => completed.Task.IsFaulted;

    /// <summary>Where it stands now.</summary>
    public UpdateProgress Progress => completed.Task.IsCompletedSuccessfully
        ? completed.Task.Result
        : Status == UpdateStatus.Accepted ? UpdateProgress.Accepted : UpdateProgress.Admitted;

    /// <summary>Ends when it has come as far as the stage, or further; at once for a stage that every one of them has reached.</summary>
    public Task<UpdateProgress> Reaches(UpdateWorkflowExecutionLifecycleStage stage) => stage switch
    {
        UpdateWorkflowExecutionLifecycleStage.Completed => completed.Task,
        UpdateWorkflowExecutionLifecycleStage.Accepted => accepted.Task,
        _ => IsAborted ? completed.Task : Task.FromResult(Progress),
    };

    public void Take(UpdateTrigger trigger) => Status = UpdateTransitions.Table.Take(Status, trigger);

    /// <param name="isLast">Whether nothing else has become of it in the same decision; else what follows is told with it.</param>
    public void Accept(bool isLast)
    {
        Take(UpdateTrigger.Accept);

        // It stands in an event now.
        Request = null;
        if (isLast)
        {
            accepted.TrySetResult(UpdateProgress.Accepted);
        }
    }

    /// <summary>A rejection is an outcome too.</summary>
    public void Complete(UpdateTrigger trigger, Outcome outcome)
    {
        Take(trigger);
        Tell(outcome);
    }

    public void Abort(Exception reason)
    {
        Take(UpdateTrigger.Abort);
        Request = null;
        accepted.TrySetException(reason);
        completed.TrySetException(reason);
    }

    private void Tell(Outcome outcome)
    {
        var progress = UpdateProgress.Completed(outcome);
        accepted.TrySetResult(progress);
        completed.TrySetResult(progress);
    }
}
