namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Something that wants to be written. Its task completes when it is on disk.</summary>
internal abstract class WriteRequest
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>Set when this request alone can't be written; its transaction goes on without it.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Writes within the open transaction, or sets <see cref="Refusal"/> and writes nothing.</summary>
    public abstract void Write(ExecutionWriter writer);

    /// <summary>Runs once it is on disk and before <see cref="Done"/> completes, on the writer's thread.</summary>
    public virtual void Committed()
    {
    }

    public void Complete()
    {
        if (Refusal is not null)
        {
            _done.TrySetException(Refusal);
            return;
        }

        Committed();
        _done.TrySetResult();
    }

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
