namespace Onramp.EmbeddedServer.Matching;

/// <summary>The room that all queues together have for tasks in memory. Whatever there is none for stays in the store.</summary>
/// <param name="queues">How many queues share it.</param>
internal sealed class TaskRoom(MatchingOptions options, Func<int> queues)
{
    private long held;

    /// <summary>Tasks that all queues hold.</summary>
    public long Held => Interlocked.Read(ref held);

    /// <summary>
    /// How many tasks of a priority a queue may hold now. As long as there is room that is what one queue may hold at most; then its share, so that one that is
    /// busy doesn't have to look into the store for each task because others have filled the room.
    /// </summary>
    public int Share => Held < options.MaximumTasks
        ? options.MaximumBacklog
        : Math.Min(options.MaximumBacklog, Math.Max(options.LeastShare, options.MaximumTasks / Math.Max(1, queues()) / Priorities.Count));

    public void Count(int change) => Interlocked.Add(ref held, change);
}
