namespace Onramp.EmbeddedServer.History;

/// <summary>Names of task queues that nobody else may use.</summary>
internal static class QueueNames
{
    /// <summary>What the names of a cluster's partitions begin with.</summary>
    public const string ReservedPrefix = "/_sys/";

    /// <summary>What the queues begin with on which a server's own workflows run in somebody's namespace.</summary>
    private const string InternalPrefix = "temporal-sys-per-ns-";

    /// <summary>The same of one that is called otherwise.</summary>
    private const string InternalController = "temporal-sys-worker-controller-per-ns-tq";

    /// <summary>Why it can't be used by what users define, or null.</summary>
    /// <param name="name">A queue.</param>
    /// <param name="parent">The queue of the workflow that asks for it; empty when no workflow does.</param>
    public static string? FaultOfInternal(string name, string parent = "")
    {
        if (!IsInternal(name) || IsInternal(parent))
        {
            return null;
        }

        return $"cannot use internal per-namespace task queue:{name}" + (parent.Length > 0 ? $" (in parent component task queue: {parent})" : "");
    }

    private static bool IsInternal(string name) => name.StartsWith(InternalPrefix, StringComparison.Ordinal) || name == InternalController;
}
