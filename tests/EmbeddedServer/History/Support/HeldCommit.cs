namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Holds the first commit of mail to a workflow after it was decided, so that something else can be committed meanwhile.</summary>
public sealed class HeldCommit
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeldCommit(World world, string workflowId) => world.Store.Before = taken =>
        taken[0].To.WorkflowId == workflowId && reached.TrySetResult() ? released.Task : Task.CompletedTask;

    /// <summary>Completes when it is held.</summary>
    public Task Reached => reached.Task;

    public void Release() => released.SetResult();
}
